"""The command line of the package: one help for all commands, one sentence for every mistake."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib import import_module

import pytest

from model.__main__ import COMMANDS, main
from tests.helpers.paths import ROOT

LAZY = """
import contextlib, io, json, sys
from model.__main__ import COMMANDS, main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main(json.loads(sys.argv[1]))
print(json.dumps([name for name, (module, _) in COMMANDS.items() if module in sys.modules]))
"""


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence on stderr for a command line that ends with status 2."""
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2
    sentence = capsys.readouterr().err
    assert sentence.count("\n") == 1
    return sentence


def test_the_help_lists_every_command_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["--help"])
    assert exit.value.code == 0
    text = capsys.readouterr().out
    for name, (_, summary) in COMMANDS.items():
        assert name in text
        assert summary in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main([name, "--help"])
    assert exit.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: python -m model {name} ")
    assert f"python -m model {name}" in text.split("\n\n", 1)[1]  # an example from the module's docstring


@pytest.mark.parametrize("arguments", [[], ["evalute"], ["minute"], ["model.evaluate"], ["evaluate.py"]])
def test_a_wrong_command_is_refused_with_the_names_of_all(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = refused(arguments, capsys)
    assert "COMMAND" in sentence
    assert "`python -m model --help`" in sentence


@pytest.mark.parametrize(
    "arguments", [["evaluate", "--fast"], ["export", "pickle"], ["export", "--checkpoint"]]
)
def test_wrong_flags_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert arguments[-1] in refused(arguments, capsys)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_has_a_help(name: str) -> None:
    parser = argparse.ArgumentParser()
    import_module(COMMANDS[name][0]).add_arguments(parser)
    assert [action.dest for action in parser._actions if not action.help] == []


def test_an_export_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export"]) == 1
    assert "Choose a format, onnx or torchscript, or --time." in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["evaluate"], ["export", "torchscript"], ["probes"], ["neighbours"]])
def test_an_error_is_a_sentence_with_the_command_in_front(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--checkpoint", "missing.safetensors"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"python -m model {arguments[0]}: There is no checkpoint missing.safetensors")
    assert error.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "imported"), [(["--help"], []), (["export", "--help"], ["export"])], ids=["help", "export"]
)
def test_only_the_chosen_command_is_imported(arguments: list[str], imported: list[str]) -> None:
    command = [sys.executable, "-c", LAZY, json.dumps(arguments)]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert json.loads(run.stdout) == imported
