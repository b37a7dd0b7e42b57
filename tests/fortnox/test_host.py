"""A host that can't be reached is left alone by everybody for a while, and then one knocks."""

import pytest

from fortnox_sync.fortnox import Host, NotSent, Unanswered


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def miss(host: Host, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotSent, match="refused"), host.visit():
            raise NotSent("refused")


def is_left_alone(host: Host) -> bool:
    try:
        with host.visit():
            return False
    except NotSent:
        return True


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def rests() -> list[float]:
    return []


@pytest.fixture
def host(clock: Time, rests: list[float]) -> Host:
    return Host(clock=clock, on_rest=rests.append)


def test_five_misses_in_a_row_make_a_rest_of_half_a_minute(
    host: Host, clock: Time, rests: list[float]
) -> None:
    miss(host, 5)
    assert rests == [30.0]
    assert is_left_alone(host)
    clock.now = 29.9
    assert is_left_alone(host)
    clock.now = 30.0
    assert not is_left_alone(host)
    assert not is_left_alone(host)


@pytest.mark.parametrize("answer", [None, Unanswered("500")])
def test_any_answer_in_between_begins_the_count_anew(host: Host, answer: Exception | None) -> None:
    """However bad it is: the host was reached."""
    miss(host, 4)
    try:
        with host.visit():
            if answer:
                raise answer
    except Unanswered:
        pass
    miss(host, 4)
    assert not is_left_alone(host)


def test_after_the_rest_one_knocks_and_the_others_wait_for_what_it_finds(host: Host, clock: Time) -> None:
    miss(host, 5)
    clock.now = 30.0
    with host.visit():
        assert is_left_alone(host)
    assert not is_left_alone(host)


def test_a_knock_in_vain_begins_the_next_rest(host: Host, clock: Time, rests: list[float]) -> None:
    miss(host, 5)
    clock.now = 30.0
    miss(host)
    assert rests == [30.0, 30.0]
    clock.now = 59.9
    assert is_left_alone(host)
    clock.now = 60.0
    assert not is_left_alone(host)


def test_a_knock_that_is_called_off_leaves_the_next_to_another(host: Host, clock: Time) -> None:
    miss(host, 5)
    clock.now = 30.0
    with pytest.raises(KeyboardInterrupt), host.visit():
        raise KeyboardInterrupt
    with pytest.raises(NotSent, match="refused"), host.visit():
        raise NotSent("refused")
