"""Nothing that comes from outside becomes markup."""

from fortnox_sync.web.markup import join, tag


def test_text_is_escaped_wherever_it_stands() -> None:
    assert tag("p", "<b>&'\"") == "<p>&lt;b&gt;&amp;&#x27;&quot;</p>"
    assert tag("p", title='"><script>') == '<p title="&quot;&gt;&lt;script&gt;"></p>'


def test_what_was_made_here_stays_markup() -> None:
    assert join(tag("b", "1"), " < ", tag("i", "2")) == "<b>1</b> &lt; <i>2</i>"


def test_names_that_python_has_no_room_for_can_be_said() -> None:
    assert tag("meta", http_equiv="x", class_="y") == '<meta http-equiv="x" class="y">'
