"""The key of a direct conversation: the two users' ids in order, `3:7`; with oneself `3:3`."""


def pair_key(one: int, two: int) -> str:
    """The key for two users."""
    return f"{min(one, two)}:{max(one, two)}"


def other_of(key: str, user_id: int) -> int:
    """The partner in a direct conversation; oneself in the conversation with oneself."""
    one, _, two = key.partition(":")
    return int(two) if int(one) == user_id else int(one)
