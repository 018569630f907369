"""The preview's server: who may ask, for what, and what is answered. A real process on a free port, asked over a real socket."""

import http.client
import json
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import builds
import pytest
from nianbao.indicators.errors import PreviewError
from nianbao.preview import server as previewserver
from nianbao.render import outputs

PAGE = "<title>预览</title>".encode()
POLICY = "default-src 'none'"
REPORT = "<title>报告</title>".encode()


@pytest.fixture(name="server")
def _server():
    """A server that has one page to serve."""
    with closing(previewserver.Server(previewserver.listen(0), PAGE, POLICY)) as server:
        _now(server, {"number": 1, "building": False}, {"report.html": REPORT})
        yield server


@pytest.fixture(name="ask")
def _ask(server):
    """Ask the server, the path behind the address that was given out as it is typed, and return its answer."""

    def ask(path, method="GET", body=None, host=None, opening=None, **headers):
        opening = _opening(server) if opening is None else opening
        with closing(http.client.HTTPConnection(server.host, timeout=10)) as connection:
            connection.putrequest(method, opening + path, skip_host=True)
            connection.putheader("Host", host or server.host)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    return ask


def _opening(server):
    """Return how every path begins that the server answers: a slash and its token."""
    return urlsplit(server.address).path.removesuffix("/")


def _now(server, said, files=None):
    """Tell the server, and wait until it says so itself."""
    server.tell(said, files)
    for _try in range(100):
        if _told(server, 1) == [said]:
            return
        time.sleep(0.05)
    pytest.fail("the server did not take the news")


def _told(server, count, act=lambda: None):
    """Return the first *count* news that a browser is told, doing *act* after the first."""
    with closing(http.client.HTTPConnection(server.host, timeout=10)) as connection:
        connection.request("GET", f"{_opening(server)}/events")
        answer = connection.getresponse()
        assert answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
        found = []
        while len(found) < count:
            line = answer.readline()
            if line.startswith(b"data: "):
                found.append(json.loads(line.removeprefix(b"data: ")))
                if len(found) == 1:
                    act()
        return found


def _raw(server, request):
    """Send *request* as it is and return the first line of the answer."""
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline()


# ---- what is served


def test_the_page_is_served_with_its_policy(ask):
    status, headers, content = ask("/")

    assert (status, headers["Content-Security-Policy"], content) == (200, POLICY, PAGE)


def test_the_report_is_served_byte_for_byte(ask):
    assert ask("/report.html")[::2] == (200, REPORT)


def test_a_query_does_not_change_what_is_asked_for(ask):
    assert ask("/report.html?2")[::2] == (200, REPORT)


def test_files_are_replaced_whole(server, ask):
    _now(server, {"number": 2}, {"report.html": b"new"})

    assert ask("/report.html")[2] == b"new"


def test_news_without_files_leave_the_last_good_report(server, ask):
    _now(server, {"number": 1, "problem": {"title": "有1处需要改正"}})

    assert ask("/report.html")[2] == REPORT


@pytest.mark.parametrize("name", [output.name for output in outputs.REPORT])
def test_every_file_of_a_report_is_served_as_what_it_is(server, ask, name):
    _now(server, {"number": 2}, dict.fromkeys(builds.NAMES, b"1"))

    assert ask(f"/{name}")[1]["Content-Type"] == next(output.type for output in outputs.REPORT if output.name == name)


@pytest.mark.parametrize("path", ["/", "/report.html", "/gone"])
def test_nothing_is_kept_shared_or_framed_elsewhere(ask, path):
    headers = ask(path)[1]

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert path == "/" or headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert not {name for name in headers if name.lower().startswith("access-control") or name.lower() in {"server", "etag"}}


# ---- who may ask


def test_it_listens_on_this_machines_own_address_only():
    with previewserver.listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.family == socket.AF_INET


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:{port}.evil.example", "[::1]:{port}"]
)
def test_another_name_is_refused(server, ask, host):
    status, _headers, content = ask("/report.html", host=host.format(port=server.host.partition(":")[2]))

    assert status == 421
    assert REPORT not in content


def test_no_name_or_two_names_are_refused(server):
    own = f"Host: {server.host}\r\n"

    assert _raw(server, b"GET / HTTP/1.1\r\n\r\n").split()[1] in {b"400", b"421"}
    assert _raw(server, f"GET / HTTP/1.1\r\n{own}Host: evil.example\r\n\r\n".encode()).split()[1] in {b"400", b"421"}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_pages_request_is_refused(ask, site):
    assert ask("/report.html", Sec_Fetch_Site=site)[0] == 403
    assert ask("/events", Sec_Fetch_Site=site)[0] == 403


def test_another_page_may_lead_to_the_preview(ask):
    assert ask("/", Sec_Fetch_Site="cross-site")[0] == 200


@pytest.mark.parametrize("path", ["/", "/report.html", "/events", "/report.pdf", "/gone", "http://evil.example/report.html", "*"])
@pytest.mark.parametrize("opening", ["", "/", "/{short}", "/{other}", "/{token}x", "/./{token}", "/%2e/{token}", "//{token}"])
def test_without_the_token_nothing_is_answered(server, ask, path, opening):
    token = _opening(server).removeprefix("/")
    other = token[:-1] + ("a" if token[-1] != "a" else "b")

    status, headers, content = ask(path, opening=opening.format(short=token[:-1], other=other, token=token))

    assert (status, content.decode().partition("；")[0]) == (403, "403　请用启动预览时显示的完整地址访问")
    assert token not in str(headers)
    assert not server.asked(0)


def test_no_two_servers_have_one_token():
    servers = [previewserver.Server(previewserver.listen(0), PAGE, POLICY) for _number in range(2)]
    openings = {_opening(server) for server in servers}
    for server in servers:
        server.close()

    assert len(openings) == 2
    assert all(len(opening) > 20 for opening in openings)


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO"])
@pytest.mark.parametrize("path", ["/", "/report.html", "/events"])
def test_nothing_but_reading_is_answered(ask, method, path):
    assert ask(path, method)[0] == 405


def test_placeholders_for_typed_numbers_can_be_asked_for_from_the_page_alone(server, ask):
    assert ask("/adopt", "POST", body=b"")[0] == 403
    assert ask("/adopt", "POST", body=b"", Sec_Fetch_Site="cross-site")[0] == 403
    assert ask("/adopt", "POST", body=b"", opening="/x", Sec_Fetch_Site="same-origin")[0] in {403, 405}
    assert not server.wished()
    assert ask("/adopt", "POST", body=b"", Sec_Fetch_Site="same-origin")[0] == 204
    assert server.wished()
    assert not server.wished()


def test_reading_asks_for_no_placeholders(server, ask):
    assert ask("/adopt", Sec_Fetch_Site="same-origin")[0] == 404
    assert not server.wished()


def test_what_comes_with_a_request_is_not_read(ask):
    assert ask("/", "POST", body=b"x" * 100)[0] in {400, 405}


@pytest.mark.parametrize(
    "path",
    [
        "/../params/longtan/2013/report.yaml",
        "/%2e%2e/params/longtan/2013/report.yaml",
        "/..%2fparams",
        "/..\\params",
        "//etc/passwd",
        "/etc/passwd",
        "/report.html/",
        "/report.html/..",
        "/./report.html",
        "/report%2ehtml",
        "/report.html%00",
        "/report.html\\",
        "/REPORT.HTML",
        "/outputs/",
        "/lock",
        "/link.html",
    ],
)
def test_no_other_path_leads_anywhere(ask, path):
    status, _headers, content = ask(path)

    assert (status, content.decode()) == (404, "404　没有这个文件。\n")


# ---- what goes on


def test_a_browser_is_told_how_things_stand_and_each_change(server):
    told = _told(server, 2, lambda: server.tell({"number": 2, "state": "换行\n也行"}))

    assert told == [{"number": 1, "building": False}, {"number": 2, "state": "换行\n也行"}]


# ---- what is made on demand


def _asked_for(server, answer):
    """Ask for the PDF; once that is heard at this end, *answer*; return the status."""
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"GET {_opening(server)}/report.pdf HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
        assert server.asked(10)
        answer()
        return connection.makefile("rb").readline().split()[1]


def test_a_file_that_is_not_made_yet_is_asked_for_and_waited_for(server):
    def made():
        server.tell({"number": 2, "whole": False}, {"report.html": REPORT})
        server.tell({"number": 2, "whole": True}, {"report.html": REPORT, "report.pdf": b"%PDF"})

    assert _asked_for(server, made) == b"200"


def test_a_file_that_cannot_be_made_is_said_to_be_none(server):
    assert _asked_for(server, lambda: server.tell({"number": 1, "whole": True, "problem": {}})) == b"503"


def test_nothing_is_asked_for_that_a_report_does_not_have(server, ask):
    ask("/other.pdf")

    assert not server.asked(0.2)


# ---- its life


def test_a_port_that_is_taken_is_named():
    with previewserver.listen(0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PreviewError, match=f"端口{port}不能用（已被别的程序占用），.*不写 --port"):
            previewserver.listen(port)


def test_without_a_port_the_first_free_one_is_taken():
    with previewserver.listen(None) as first, previewserver.listen(None) as second:
        assert previewserver.PORT <= first.getsockname()[1] < second.getsockname()[1]


def test_closed_it_answers_no_more_and_nobody_is_kept_waiting():
    server = previewserver.Server(previewserver.listen(0), PAGE, POLICY)
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"GET {_opening(server)}/report.pdf HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
        assert server.asked(10)

        server.close()

        assert connection.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=10)
