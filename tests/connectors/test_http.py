"""Fetching over HTTP: what is retried, what is not, and what a message may say."""

import gzip
import logging
import socket

import pytest

from connectors import http
from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError
from connectors.http import NotFoundError, fetch, gunzip


@pytest.fixture
def waits():
    return []


@pytest.fixture
def get(loopback, waits):
    """Fetch a path from the scripted server without really waiting."""

    def _get(path="/page", **options):
        return fetch(loopback.url + path, backoff=waits.append, **({"timeout": 5.0} | options))

    return _get


def test_a_page_is_returned_as_it_was_sent(get, loopback, answer):
    loopback.script("/page", answer(body=b"\x00\xffbytes"))
    assert get(params={"a": 1, "b": ["x", "y"]}) == b"\x00\xffbytes"
    assert loopback.requests[0][1] == "a=1&b=x&b=y"


def test_params_are_added_to_those_in_the_address(get, loopback, answer):
    loopback.script("/page", answer())
    get("/page?a=1", params={"b": "é"})
    assert loopback.requests[0][1] == "a=1&b=%C3%A9"


def test_hourcast_names_itself(get, loopback, answer):
    loopback.script("/page", answer())
    get(headers={"X-Own": "1"})
    headers = loopback.requests[0][2]
    assert headers["User-Agent"].startswith("hourcast/")
    assert headers["X-Own"] == "1"


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_not_found_and_not_asked_for_again(get, loopback, answer, status):
    loopback.script("/page", answer(status))
    with pytest.raises(NotFoundError, match=rf"/page answered with status {status}"):
        get()
    assert len(loopback.requests) == 1
    assert issubclass(NotFoundError, FatalConnectorError)


@pytest.mark.parametrize("status", [304, 400, 401, 403, 418])
def test_a_refusal_is_fatal_and_quotes_what_the_server_said(get, loopback, answer, status):
    loopback.script("/page", answer(status, b"" if status == 304 else b'{"reason":\n "no such variable"}'))
    with pytest.raises(FatalConnectorError, match="status 304" if status == 304 else "no such variable"):
        get()
    assert len(loopback.requests) == 1


def test_a_refusal_is_quoted_without_its_marks_and_its_secrets(get, loopback, answer):
    said = "<?xml version='1.0'?><reply><code>9</code>" + " " * 500 + "<text>key s3cret: 5 < 6 &gt; 4</text></reply>"
    loopback.script("/page", answer(400, said.encode()))
    with pytest.raises(FatalConnectorError, match=r"with status 400: 9 key \*\*\*: 5 < 6 &gt; 4\."):
        get(params={"token": "s3cret"})


def test_the_wait_a_busy_server_asks_for_is_kept(get, loopback, answer, waits):
    loopback.script("/page", answer(429, headers={"Retry-After": "7"}), answer(body=b"now"))
    assert get() == b"now"
    assert waits == [7.0]


def test_a_wait_given_as_a_date_is_measured_by_the_clock_of_the_server(loopback, answer, waits, monkeypatch):
    monkeypatch.setattr(
        "http.server.BaseHTTPRequestHandler.date_time_string", lambda _: "Sun, 06 Nov 1994 08:49:37 GMT"
    )
    loopback.script(
        "/page", answer(503, headers={"Retry-After": "Sun, 06 Nov 1994 08:50:00 GMT"}), answer(body=b"now")
    )
    assert fetch(loopback.url + "/page", backoff=waits.append) == b"now"
    assert waits == [23.0]


def test_a_wait_of_hours_is_not_waited_for(get, loopback, answer, waits):
    loopback.script("/page", answer(429, headers={"Retry-After": "7200"}))
    with pytest.raises(RetriableConnectorError, match="7200 seconds"):
        get()
    assert waits == []
    assert len(loopback.requests) == 1


def test_a_wait_that_cannot_be_read_is_left_out_of_account(get, loopback, answer, waits):
    loopback.script("/page", answer(429, headers={"Retry-After": "soon"}), answer(body=b"now"))
    assert get() == b"now"
    assert waits == [1.0]


def test_a_server_error_is_retried_with_doubling_waits(get, loopback, answer, waits):
    loopback.script("/page", answer(500), answer(500), answer(body=b"well again"))
    assert get() == b"well again"
    assert waits == [1.0, 2.0]


def test_a_lasting_server_error_is_given_up_as_retriable(get, loopback, answer, waits):
    loopback.script("/page", answer(502))
    with pytest.raises(RetriableConnectorError, match="status 502"):
        get(retries=2)
    assert len(loopback.requests) == 3
    assert waits == [1.0, 2.0]


def test_silence_is_a_timeout_and_retried(get, loopback, answer, waits):
    loopback.script("/page", answer(silence=5.0), answer(body=b"late"))
    assert get(timeout=0.1) == b"late"
    assert waits == [1.0]


def test_lasting_silence_is_retriable(get, loopback, answer):
    loopback.script("/page", answer(silence=5.0))
    with pytest.raises(RetriableConnectorError, match=r"no answer within 0\.1 seconds"):
        get(timeout=0.1, retries=0)


def test_a_trickle_of_bytes_does_not_go_on_for_ever(get, loopback, answer, monkeypatch):
    monkeypatch.setattr(http, "LONGEST_BODY", -1.0)
    loopback.script("/page", answer(body=b"x"))
    with pytest.raises(RetriableConnectorError, match="no whole body"):
        get(retries=0)


def test_a_server_that_is_down_is_retriable(dead_url):
    with pytest.raises(RetriableConnectorError, match="could not be fetched"):
        fetch(dead_url, retries=0)


def test_a_cut_body_is_retried(get, loopback, answer):
    loopback.script("/page", answer(body=b"half", cut=4), answer(body=b"whole"))
    assert get() == b"whole"


def test_a_lasting_cut_is_retriable(get, loopback, answer):
    loopback.script("/page", answer(body=b"half", cut=4))
    with pytest.raises(RetriableConnectorError):
        get(retries=1)


def test_a_gzip_answer_is_unpacked(get, loopback, answer):
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    loopback.script("/page", answer(body=packed, headers={"Content-Encoding": "gzip"}))
    assert get() == b"one two"


@pytest.mark.parametrize(
    "broken", [gzip.compress(b"abc" * 999)[:-9], b"\x1f\x8b not gzip at all"], ids=["cut", "broken"]
)
def test_a_gzip_answer_that_is_cut_or_broken_is_retriable(get, loopback, answer, broken):
    loopback.script("/page", answer(body=broken, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(RetriableConnectorError, match="gzip"):
        get(retries=0)


def test_an_answer_packed_in_a_way_not_asked_for_is_fatal(get, loopback, answer):
    loopback.script("/page", answer(body=b"x", headers={"Content-Encoding": "br"}))
    with pytest.raises(FatalConnectorError, match="'br'"):
        get()


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", None])
def test_a_wrong_content_type_is_fatal_when_one_is_expected(get, loopback, answer, kind):
    loopback.script("/page", answer(body=b"<html>", headers={"Content-Type": kind} if kind else {}))
    assert get() == b"<html>"
    with pytest.raises(FatalConnectorError, match="application/json"):
        get(expect="application/json")


def test_the_content_type_expected_is_the_start_of_the_one_sent(get, loopback, answer):
    loopback.script("/page", answer(body=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"}))
    assert get(expect="application/json") == b"{}"


def test_a_body_over_the_limit_is_refused_packed_or_not(get, loopback, answer):
    loopback.script("/page", answer(body=b"x" * 1001))
    with pytest.raises(FatalConnectorError, match="1,000 bytes"):
        get(limit=1000)
    loopback.script("/page", answer(body=gzip.compress(b"x" * 10**6), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FatalConnectorError, match="10,000 bytes"):
        get(limit=10_000)
    assert len(get(limit=10**6)) == 10**6


def test_unpacking_stops_at_the_limit():
    assert len(gunzip(gzip.compress(b"x" * 10**6), limit=1000)) == 1001


def test_redirections_are_followed_and_bounded(get, loopback, answer):
    loopback.script("/old", answer(301, headers={"Location": "/page?b=2"}))
    loopback.script("/page", answer(body=b"here"))
    assert get("/old", headers={"X-Key": "k"}) == b"here"
    assert loopback.requests[1][1] == "b=2"
    assert loopback.requests[1][2]["X-Key"] == "k"
    loopback.script("/loop", answer(302, headers={"Location": "/loop"}))
    with pytest.raises(FatalConnectorError, match="redirects more than 5 times"):
        get("/loop")
    assert loopback.asked("/loop") == 6


def test_headers_do_not_follow_a_redirection_to_another_host(get, loopback, answer):
    loopback.script(
        "/old", answer(302, headers={"Location": loopback.url.replace("127.0.0.1", "localhost") + "/page"})
    )
    loopback.script("/page", answer(body=b"here"))
    assert get("/old", headers={"X-Key": "k"}) == b"here"
    assert "X-Key" not in loopback.requests[1][2]


SECRETS = {"apikey": "s3cr/t", "securityToken": "t0ken", "city": "Paris"}


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_no_secret_stands_in_a_message(get, loopback, answer, status):
    loopback.script("/page", answer(status, b"the key s3cr/t is s3cr%2Ft, the token t0ken"))
    with pytest.raises((FatalConnectorError, RetriableConnectorError)) as caught:
        get(params=SECRETS, retries=0)
    message = str(caught.value)
    assert "s3cr" not in message
    assert "t0ken" not in message
    assert "apikey=***&securityToken=***&city=Paris" in message


def test_no_secret_stands_in_a_log(get, loopback, answer, caplog):
    loopback.script("/old", answer(302, headers={"Location": "/page?token=t0ken"}))
    loopback.script("/page", answer(body=b"here"))
    with caplog.at_level(logging.INFO):
        assert get("/old", params=SECRETS) == b"here"
    assert "city=Paris" in caplog.text
    assert "s3cr" not in caplog.text
    assert "t0ken" not in caplog.text
    assert "apikey=s3cr%2Ft" in loopback.requests[0][1]


def test_a_password_in_the_address_is_sent_but_not_shown(loopback, answer):
    loopback.script("/page", answer(403, b"pa55 is not the password"))
    with pytest.raises(FatalConnectorError, match="is not the password") as caught:
        fetch(loopback.url.replace("//", "//user:pa55@") + "/page")
    assert "pa55" not in str(caught.value)
    assert loopback.requests[0][2]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "/page", "http://", "http://127.0.0.1:x/?key=s3cret"])
def test_what_is_no_web_address_is_a_configuration_error(url):
    with pytest.raises(ConfigError) as caught:
        fetch(url)
    assert "s3cret" not in str(caught.value)


def test_a_test_cannot_reach_another_machine():
    with pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        fetch("http://192.0.2.1/", retries=0)
    with pytest.raises(pytest.fail.Exception, match=r"example\.org"):
        fetch("http://example.org/", retries=0)
    with socket.socket() as one, pytest.raises(pytest.fail.Exception):
        one.connect_ex(("192.0.2.1", 80))
