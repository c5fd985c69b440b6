"""The manual pages say what the program says, and what the README says where both speak of the same."""

import pathlib
import re
import subprocess

from conftest import ROOT, program
from test_runbook import commands

PAGES = ROOT / "packaging/man"
PROGRAMS = pathlib.Path(program("snapwarden")).parent


def test_commands_and_events_are_the_programs():
    done = subprocess.run(
        [PAGES / "generate", PROGRAMS, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_stale_page_is_noticed(tmp_path):
    """The check that the test above trusts can fail."""
    (tmp_path / "man").mkdir()
    for page in PAGES.iterdir():
        copied = tmp_path / "man" / page.name
        copied.write_text(page.read_text().replace("Do not ask.", "Ask twice."))
        copied.chmod(0o755)
    (tmp_path / "snapwarden.catalog").write_text((ROOT / "packaging/snapwarden.catalog").read_text())
    done = subprocess.run(
        [tmp_path / "man/generate", PROGRAMS, "--check"], capture_output=True, text=True)
    assert done.returncode == 1 and "snapwarden.1:" in done.stderr


def test_the_runbook_is_the_readmes():
    page = (PAGES / "snapwarden.8").read_text().split(".Sh RUNBOOK")[1].split("\n.Sh ")[0]
    blocks = re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", page, re.DOTALL | re.MULTILINE)
    assert blocks == commands()


def test_every_key_is_explained():
    """Those of the config that explains each key by an example."""
    sample = (ROOT / "config/snapwarden.yaml").read_text()
    keys = set(re.findall(r"(?:^#?|[{,]|#)\s*(?:- )?([a-z]+(?:-[a-z]+)*):\s", sample, re.MULTILINE))
    page = (PAGES / "snapwarden.yaml.5").read_text()
    # Names that people give, and words of sentences.
    names = {"web-nightly", "prod", "scratch", "default", "after", "and", "lightsail", "policy", "with", "yaml-language-server",
             "ops", "script", "pager", "health", "credential"}
    explained = {word for line in re.findall(r"^\..*?Cm (.*)", page, re.MULTILINE) for word in re.findall(r"[a-z][a-z-]*", line)}
    assert len(keys & explained) > 50 and keys - explained - names == set()

