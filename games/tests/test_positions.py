"""The positions of both files, and that the runner tells a wrong one."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from games.tienlen.positions import check_codec, check_position, check_text, main, results

FOLDER = Path(__file__).parent / "positions"
FILES = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in ("given", "rules")}
CASES = [(name, wrong) for data in FILES.values() for name, wrong in results(data)]


@pytest.mark.parametrize(("name", "wrong"), CASES, ids=[name[:60] for name, _ in CASES])
def test_position(name: str, wrong: list[str]):
    assert wrong == []


def test_the_program_counts(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main([str(FOLDER / "given.json")]) == 0
    assert capsys.readouterr().out == "17 passed, 0 failed\n"
    wrong = {"positions": [copy.deepcopy(FILES["given"]["positions"][0])], "codec": [{"hex": "0xFFFFFFFF"}]}
    wrong["positions"][0]["then"]["turn"] = "C"
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    assert main([str(tmp_path / "wrong.json")]) == 1
    assert capsys.readouterr().out.endswith("0 passed, 2 failed\n")


def test_rows_that_cannot_be_read_have_failed_and_those_behind_them_still_count(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    good = FILES["given"]
    odd: dict = {"steps": [["A"]], "seats": ["3c", "4c"], "then": ["turn"]}
    rows = {
        "positions": [{**good["positions"][0], name: value} for name, value in odd.items()]
        + [None, good["positions"][0]],
        "grid": [{"name": "no cards"}],
        "codec": [{"note": "neither hex nor dec"}, "0x1", good["codec"][0]],
        "text": [{}, {"line": 7}],
    }
    (tmp_path / "odd.json").write_text(json.dumps(rows))
    assert main([str(tmp_path / "odd.json")]) == 1
    told = capsys.readouterr().out
    assert told.endswith("2 passed, 9 failed\n") and "Traceback" not in told
    assert "FAILED codec neither hex nor dec" in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("turn", "A"), ("top", "8c"), ("by", "A"), ("passed", ["A"]), ("out", ["B"]), ("left", ["C"]), ("blank", ["D"]), ("over", True),
        ("places", ["A", "B", "C", "D"]), ("must", "3s"), ("pay", {"A": 1, "B": -1}), ("hands", {"A": "3c"}), ("instants", {"A": "dragon"}), ("mistyped", 1),
    ],
)  # fmt: skip
def test_each_thing_compared_can_fail(name: str, value: object):
    position = copy.deepcopy(next(one for one in FILES["given"]["positions"] if one["id"] == 5))
    assert [*check_position(position, {})] == []
    position["then"][name] = value
    assert [*check_position(position, {})] != []


def test_a_step_that_should_be_refused_and_is_not_fails():
    position = copy.deepcopy(next(one for one in FILES["given"]["positions"] if one["id"] == 5))
    position["steps"][1][-1] = "no:does_not_beat"
    assert [*check_position(position, {})] == ["step 2 ['B', 'play', '7h', 'no:does_not_beat']: ok"]
    position["steps"][1][-1] = "ok"
    position["steps"][0][-1] = "no:not_a_combo"
    assert [*check_position(position, {})] == ["step 1 ['B', 'play', '7c', 'no:not_a_combo']: no:does_not_beat"]


def test_rows_that_should_be_refused_and_are_not_fail():
    assert [*check_codec({"hex": "0x0055EEEE", "invalid": True})] == ["not refused"]
    assert [*check_text({"line": ";;;;65535;0;", "invalid": True})] == ["not refused"]


def test_a_grid_names_what_is_wrong():
    data = {"grid": {"low": {"cards": "3s", "beats": ["high"]}, "high": {"cards": "4s", "beats": []}}}
    assert [*results(data)] == [("grid low", ["high: not beaten"]), ("grid high", ["low: beaten"])]
