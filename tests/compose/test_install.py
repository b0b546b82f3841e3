"""Installing with uv: pip's settings are handed on to it, and never as an argument."""

import os
import sys
from pathlib import Path

import pytest

from compose.python.install import list_variables, main, read_pip_settings


def test_settings_of_pip_reach_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://one/simple\ntimeout = 7\nproxy = http://p:1\n"
        "[install]\nindex-url = https://two/simple\n[freeze]\nindex-url = https://none/simple\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_FIND_LINKS", "/a /b")
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    monkeypatch.delenv("PIP_DEFAULT_TIMEOUT", raising=False)
    variables = list_variables(read_pip_settings())
    assert variables["UV_DEFAULT_INDEX"] == "https://two/simple"
    assert variables["UV_FIND_LINKS"] == "/a,/b"
    assert variables["UV_HTTP_TIMEOUT"] == "9"
    assert variables["HTTPS_PROXY"] == variables["HTTP_PROXY"] == "http://p:1"
    assert "UV_INDEX" not in variables


def test_a_password_is_no_argument_and_the_user_s_own_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda program, command, environment: calls.append((command, environment)))
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:sesame@one/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://two/simple https://three/simple")
    monkeypatch.setenv("UV_INDEX", "https://mine/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "true")
    main(sys.executable, "requirements.txt")
    ((command, environment),) = calls
    assert "sesame" not in " ".join(command)
    assert environment["UV_DEFAULT_INDEX"] == "https://user:sesame@one/simple"
    assert environment["UV_INDEX"] == "https://mine/simple"
    assert "--no-index" in command


def test_a_home_that_can_not_be_written_needs_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert "UV_NO_CACHE" not in list_variables({})
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert list_variables({})["UV_NO_CACHE"] == "1"
