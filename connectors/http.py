"""Fetch over HTTP: bounded in time and size, retried where that helps, with no secret in any message.

HTTP failures become our errors: what may work later is a ``RetriableConnectorError``, what will not is a
``FatalConnectorError``, and a page that is not there is a ``NotFoundError``.
"""

from __future__ import annotations

import re
import time
import zlib
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

import httpx

from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError
from connectors.secret import SECRET_NAME
from connectors.version import VERSION

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

#: Longest wait a server may ask for and get [s]; when it asks for more, the call is given up at once.
LONGEST_WAIT = 60.0
#: First wait when the server asks for none; doubled each time [s].
FIRST_WAIT = 1.0
#: Longest a body may take in all [s], so that a trickle of bytes cannot hold a run for hours.
LONGEST_BODY = 600.0
LONGEST_REDIRECTION = 5
#: A mark of HTML or XML; the names of its parts are no sentence.
_MARK = re.compile(r"</?[A-Za-z!?][^<>]{0,300}>")

ParamValue = str | int | float


class NotFoundError(FatalConnectorError):
    """The server answered that there is no such page: 404 or 410."""


class _Again(NamedTuple):
    """An attempt that failed in a way that may pass."""

    reason: str
    wait: float | None = None


class _SafeURL(httpx.URL):
    """A URL that shows no secret when turned into text: httpx writes every request's URL to its log."""

    def __str__(self) -> str:
        return _shown(httpx.URL(self))


def fetch(
    url: str,
    *,
    params: Mapping[str, ParamValue | Sequence[ParamValue]] | None = None,
    timeout: float = 30.0,
    retries: int = 3,
    headers: Mapping[str, str] | None = None,
    backoff: Callable[[float], None] = time.sleep,
    expect: str | None = None,
    limit: int = 200_000_000,
) -> bytes:
    """Fetch a page.

    Args:
        url: Address, http or https.
        params: Query parameters, added to those in ``url``.
        timeout: Longest silence of the server [s].
        retries: Further attempts after 429, 5xx, a timeout or a cut body.
        headers: Further request headers.
        backoff: Called with the seconds to wait before a further attempt.
        expect: What the content type must start with, such as "application/json".
        limit: Largest body accepted [bytes], before and after decompression.

    Returns:
        The body, decompressed where the server says it is compressed.

    Raises:
        ConfigError: If the address is none.
        RetriableConnectorError: If the last attempt still failed in a way that may pass.
        NotFoundError: On 404 and 410.
        FatalConnectorError: On any other refusal, a wrong content type, or a body over the limit.
    """
    target = _target(url, params)
    own = {"User-Agent": user_agent(), "Accept-Encoding": "gzip"} | dict(headers or {})
    failed = _Again("nothing tried")
    with httpx.Client(timeout=timeout, follow_redirects=False, verify=_certificates()) as client:
        for attempt in range(retries + 1):
            outcome = _attempt(client, target, own, expect, limit)
            if isinstance(outcome, bytes):
                return outcome
            failed = outcome
            wait = FIRST_WAIT * 2**attempt if failed.wait is None else failed.wait
            if attempt == retries or wait > LONGEST_WAIT:
                break
            backoff(wait)
    raise _given_up(target, failed)


def user_agent() -> str:
    """How hourcast names itself to servers."""
    return f"hourcast/{VERSION}"


def _given_up(target: httpx.URL, failed: _Again) -> RetriableConnectorError:
    late = "" if failed.wait is None else f", in {failed.wait:.0f} seconds or more"
    return RetriableConnectorError(
        f"{_shown(target)} could not be fetched, at last because of: {failed.reason}.",
        expected="A source answers within its time.",
        fix=f"Try again later{late}; if it stays so, check the network and the proxy settings.",
    )


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """The certificates trusted; to read them takes longer than many a request."""
    return httpx.create_ssl_context()


def _target(url: str, params: Mapping[str, ParamValue | Sequence[ParamValue]] | None) -> httpx.URL:
    try:
        target = httpx.URL(url)
        for name, value in (params or {}).items():
            values = [value] if isinstance(value, str | int | float) else value
            for item in values:
                target = target.copy_add_param(name, str(item))
    except httpx.InvalidURL:
        # The cause is not chained: it quotes the address, secrets and all.
        raise ConfigError("The address cannot be read.", fix="Check it for stray characters.") from None
    if target.scheme not in ("http", "https") or not target.host:
        raise ConfigError(
            f"{_shown(target)!r} is not a web address.", expected="It starts with https:// or http://."
        )
    return target


def _attempt(
    client: httpx.Client, target: httpx.URL, headers: Mapping[str, str], expect: str | None, limit: int
) -> bytes | _Again:
    try:
        response = _send(client, target, headers)
        try:
            body = _read(response, limit)
        finally:
            response.close()
    except httpx.TimeoutException:
        return _Again(f"no answer within {client.timeout.read:g} seconds")
    except httpx.TransportError as error:
        return _Again(_masked(str(error), target) or type(error).__name__)
    return body if isinstance(body, _Again) else _judge(response, body, expect)


def _send(client: httpx.Client, target: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
    """The answer, its body unread, after a few redirections at most.

    Followed here rather than by httpx, which would hand headers with a key in them to another host.
    """
    url = target
    for _ in range(LONGEST_REDIRECTION + 1):
        request = client.build_request("GET", url, headers=headers)
        request.url = _SafeURL(url)
        response = client.send(request, stream=True)
        if response.next_request is None:
            return response
        response.close()
        url = response.next_request.url
        if url.host != target.host or (target.scheme, url.scheme) == ("https", "http"):
            headers = {name: headers[name] for name in ("User-Agent", "Accept-Encoding")}
    raise FatalConnectorError(
        f"{_shown(target)} redirects more than {LONGEST_REDIRECTION} times.",
        expected="An address leads to a page.",
        fix="Open it in a browser, and give the address it ends at.",
    )


def _read(response: httpx.Response, limit: int) -> bytes | _Again:
    """The whole body, decompressed.

    Done here rather than by httpx, which passes over a gzip stream that ends too early.
    """
    chunks, size, started = [], 0, time.monotonic()
    for chunk in response.iter_raw():
        chunks.append(chunk)
        size += len(chunk)
        _refuse_large(size, limit, response)
        if time.monotonic() - started > LONGEST_BODY:
            return _Again(f"no whole body within {LONGEST_BODY:.0f} seconds")
    body = b"".join(chunks)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity") or not body:
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise FatalConnectorError(
            f"{_shown(response.url)} is packed as {encoding!r}.", expected="Only gzip was asked for."
        )
    unpacked = gunzip(body, limit=limit)
    if unpacked is None:
        return _Again("the gzip body was broken")
    _refuse_large(len(unpacked), limit, response)
    return unpacked


def gunzip(packed: bytes, *, limit: int) -> bytes | None:
    """The bytes of a gzip stream, up to one more than ``limit``; None when it is broken or cut."""
    unpacked, rest = b"", packed
    while rest and len(unpacked) <= limit:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            unpacked += stream.decompress(rest, limit + 1 - len(unpacked))
        except zlib.error:
            return None
        if not stream.eof and len(unpacked) <= limit:
            return None
        rest = stream.unused_data
    return unpacked


def _refuse_large(size: int, limit: int, response: httpx.Response) -> None:
    if size > limit:
        raise FatalConnectorError(
            f"{_shown(response.url)} sends more than {limit:,} bytes.",
            expected="A source sends what was asked for.",
            fix="Ask for a shorter period, or check the address.",
        )


def _judge(response: httpx.Response, body: bytes, expect: str | None) -> bytes | _Again:
    """The body of a good answer; what else is to be done about it."""
    status, url = response.status_code, response.url
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return _Again(f"status {status}", _asked_wait(response))
    if not httpx.codes.is_success(status):
        raise _refusal(status, _said(body, response), url)
    kind = response.headers.get("Content-Type", "none")
    if expect is not None and not kind.lower().startswith(expect.lower()):
        raise FatalConnectorError(
            f"{_shown(url)} answered with content of the type {kind!r}.",
            expected=f"It should start with {expect!r}.",
            fix="Check the address; a sign-in page of a proxy looks like this too.",
        )
    return body


def _said(body: bytes, response: httpx.Response) -> str:
    """The beginning of what a server says, without marks and secrets; some repeat the key they were given."""
    text = _masked(body[:10_000].decode("utf-8", "replace"), response.url)
    for name, value in response.request.headers.items():
        if name.casefold() == "authorization" or SECRET_NAME.search(name):
            text = text.replace(value.rpartition(" ")[2], "***")
    return " ".join(_MARK.sub(" ", text).split())[:300]


def _refusal(status: int, reason: str, url: httpx.URL) -> FatalConnectorError:
    got = f"{_shown(url)} answered with status {status}{f': {reason}' if reason else ''}."
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        return NotFoundError(got, expected="There is a page at this address.", fix="Check the address.")
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.PROXY_AUTHENTICATION_REQUIRED):
        return FatalConnectorError(
            got, expected="The source lets you in.", fix="Check the key or password, and the proxy."
        )
    return FatalConnectorError(got, expected="The source accepts the request.", fix="Check what was asked for.")


def _asked_wait(response: httpx.Response) -> float | None:
    """Seconds the server asks to wait, from ``Retry-After`` as a number or a date; None when it does not say.

    A date is measured from the server's own ``Date``, so that our clock does not matter.
    """
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        until, sent = (parsedate_to_datetime(text) for text in (asked, response.headers.get("Date", "")))
        return max(0.0, (until - sent).total_seconds())
    except (TypeError, ValueError):
        return None


def _secrets(url: httpx.URL) -> set[str]:
    found = {value for name, value in url.params.multi_items() if SECRET_NAME.search(name)} | {url.password}
    return (found | {quote(value, safe="") for value in found}) - {""}


def _masked(text: str, url: httpx.URL) -> str:
    """The text with every secret of the address starred out."""
    for secret in _secrets(url):
        text = text.replace(secret, "***")
    return text


def _shown(url: httpx.URL) -> str:
    """The address as it may be shown."""
    hidden = [(name, "***" if SECRET_NAME.search(name) else value) for name, value in url.params.multi_items()]
    shown = url.copy_with(query=urlencode(hidden).encode()) if hidden else httpx.URL(url)
    if url.userinfo:
        shown = shown.copy_with(userinfo=b"***")
    return str(shown).replace("%2A%2A%2A", "***")
