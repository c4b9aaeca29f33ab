"""What is searched for: words taken out of the messages, as people type them."""

import random
import re
import unicodedata
from collections import Counter

HAN = re.compile(r"[\u4e00-\u9fff]+")
WORD = re.compile(r"[^\W\d_\u4e00-\u9fff]+")
BORDER = re.compile(r"[\u4e00-\u9fff]{1,2}[a-zA-Z]{2,}|[a-zA-Z]{2,}[\u4e00-\u9fff]{1,2}|\d+[\u4e00-\u9fff]")
ABSENT = ["zzyzx", "龘靐", "qwxyz", "ổẫợ", "wrzlpf", "齉龘", "xqđxq", "кошка"]


def bare(word: str) -> str:
    """Without marks, as somebody types who is in a hurry."""
    letters = unicodedata.normalize("NFD", word.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def for_quality(bodies: list[str], rnd: random.Random, each: int) -> dict[str, list[str]]:
    """Queries by kind, all of them from texts that are there but for the absent ones."""
    han = [run for body in bodies for run in HAN.findall(body)]
    words = [word for body in bodies for word in WORD.findall(body)]
    marked = [word for word in words if bare(word) != word]
    borders = [found for body in bodies for found in BORDER.findall(body)]
    numbers = [found for body in bodies for found in re.findall(r"\d+", body)]
    kinds = {f"Chinese_{n}": [_part(rnd, han, n) for _ in range(each)] for n in (1, 2, 3, 4)}
    kinds["Vietnamese_without_marks"] = [_start(rnd, bare(rnd.choice(marked))) for _ in range(each)]
    kinds["Vietnamese_with_marks"] = [_start(rnd, rnd.choice(marked)) for _ in range(each)]
    kinds["Vietnamese_some_marks"] = [_some(rnd, rnd.choice(marked)) for _ in range(each)]
    kinds["Latin"] = [_start(rnd, rnd.choice(words)).upper() for _ in range(each)]
    kinds["mixed"] = [rnd.choice(borders) for _ in range(each // 2)] if borders else []
    kinds["mixed"] += [f"{_part(rnd, han, 2)} {bare(rnd.choice(words))}" for _ in range(each // 4)]
    kinds["mixed"] += [f"{rnd.choice(words)} {_start(rnd, rnd.choice(words))}" for _ in range(each // 4)]
    kinds["mixed"] += [_wide(_start(rnd, rnd.choice(numbers))) for _ in range(each // 4)] + ["👍", "❤"]
    kinds["absent"] = ABSENT
    return kinds


def _part(rnd: random.Random, runs: list[str], size: int) -> str:
    run = rnd.choice([run for run in rnd.choices(runs, k=200) if len(run) >= size])
    at = rnd.randrange(len(run) - size + 1)
    return run[at : at + size]


def _start(rnd: random.Random, word: str) -> str:
    return word[: rnd.randint(min(2, len(word)), len(word))]


def _some(rnd: random.Random, word: str) -> str:
    return "".join(letter if rnd.random() < 0.5 else bare(letter) for letter in word)


def _wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def for_times(bodies: list[str], codes: list[str], rnd: random.Random, each: int) -> dict[str, list[str]]:
    """Queries by how common the words are among all messages of the site."""
    han, plain, marked = Counter[str](), Counter[str](), Counter[str]()
    for body in bodies:
        han.update({run[i : i + 2] for run in HAN.findall(body) for i in range(len(run) - 1)})
        words = {word.lower() for word in WORD.findall(body)}
        plain.update({bare(word) for word in words})
        marked.update({word for word in words if bare(word) != word})
    kinds: dict[str, list[str]] = {}
    for name, counter in (("Chinese", han), ("Latin", plain), ("Vietnamese", marked)):
        ranked = [word for word, _ in counter.most_common()]
        kinds[f"{name}_common"] = ranked[:each]
        kinds[f"{name}_middle"] = rnd.sample(ranked[each : len(ranked) // 2], each)
        kinds[f"{name}_rare"] = rnd.sample(ranked[-len(ranked) // 4 :], each)
    kinds["one_letter"] = [word[:1] for word in rnd.sample(kinds["Chinese_middle"] + kinds["Latin_common"], each)]
    kinds["two_words"] = [
        " ".join(rnd.sample(kinds["Latin_common"] + kinds["Vietnamese_common"] + kinds["Chinese_common"], 2))
        for _ in range(each)
    ]
    kinds["sentences"] = [rnd.choice(bodies)[:30] for _ in range(each)]
    kinds["numbers"] = [str(rnd.randrange(10**6)) for _ in range(each)]
    kinds["names"] = [rnd.choice(codes) for _ in range(each)]
    kinds["absent"] = ABSENT
    return kinds
