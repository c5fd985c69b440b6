"""Months and years of the real daemon in a few seconds, checked against an independent reckoning and looked at."""

import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from conftest import ROOT, clean_environment, program

CONFIG = """
fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: {{ {kind}: {{ names: ["web-*"] }} }}
    schedule: {{ cron: "{cron}", time-zone: {zone} }}
    retention: {{ {home} }}
    copies:
      - {{ region: eu-west-1, retention: {{ {away} }} }}
"""


def reference():
    """The restic rules in plain Python, which know nothing of the product."""
    path = ROOT / "Tests/BackupCoreTests/Fixtures/retention_reference.py"
    spec = importlib.util.spec_from_file_location("retention_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def simulate(tmp_path):
    """Runs `simulate` on a config, and returns what it printed."""
    def run(*arguments, code=0, kind="ec2-instances", cron="0 2 * * *", zone="UTC", home="keep-daily: 7", away="keep-daily: 3"):
        path = tmp_path / "snapwarden.yaml"
        path.write_text(CONFIG.format(kind=kind, cron=cron, zone=zone, home=home, away=away))
        done = subprocess.run(
            [program("snapwarden"), "--config", path, "simulate", *arguments], capture_output=True, text=True,
            env=clean_environment(AWS_ENDPOINT_URL="http://127.0.0.1:1"), timeout=120)
        assert done.returncode == code, done
        return done.stdout if code == 0 else done.stderr
    return run


def rules(text):
    """`keep-daily: 7, keep-within: 9d` as the reference takes it."""
    pairs = dict(part.strip().split(": ") for part in text.split(","))
    return {key: int(value) if value.isdigit() else value for key, value in pairs.items()}


@pytest.mark.parametrize("kind", ["ec2-instances", "lightsail-instances"])
@pytest.mark.parametrize("home,away", [
    ("keep-last: 3, keep-daily: 14, keep-weekly: 8, keep-monthly: 12", "keep-daily: 7, keep-monthly: 12"),
    ("keep-daily: 2", "keep-daily: 10, keep-weekly: 5"),
    ("keep-within: 9d", "keep-within-weekly: 40d, keep-last: 1"),
])
def test_each_side_ends_with_what_the_rules_keep(simulate, kind, home, away):
    """A quarter of nightly points through a clock change, in both regions."""
    zone = ZoneInfo("Europe/Berlin")
    start, end = datetime(2027, 1, 15, tzinfo=timezone.utc), datetime(2027, 4, 15, tzinfo=timezone.utc)
    report = json.loads(simulate(
        "--from", start.isoformat().replace("+00:00", "Z"), "--to", end.isoformat().replace("+00:00", "Z"),
        "--output", "json", kind=kind, zone="Europe/Berlin", home=home, away=away))
    days = [(start + timedelta(days=n)).date() for n in range(91)]
    nights = [datetime(day.year, day.month, day.day, 2, tzinfo=zone) for day in days]
    # 02:00 on 28 March does not exist: the first moment after the gap is 03:00 summer time, 01:00 UTC.
    slots = [int(night.astimezone(timezone.utc).timestamp()) for night in nights if start < night < end]
    for side, text in zip(report["sides"], (home, away)):
        kept = reference().keep(zone, slots, rules(text))
        found = sorted(
            int(datetime.fromisoformat(point["slot"]).timestamp()) for point in side["points-at-the-end"])
        assert found == kept, side["region"]
        assert side["made"] == len(slots) and side["deleted"] == len(slots) - len(kept)
        assert side["at-end"] == side["points-on-each-day"][-1] == len(kept)
        assert side["peak"] == max(side["points-on-each-day"])
        # The night of 28 March is an hour shorter; then there are 24 hours again.
        # A copy comes some seconds after its point.
        assert 0 <= side["largest-gap-seconds"] - 86400 <= (60 if side["copies"] else 0)
    assert report["skipped"] == 0


def test_an_outage_is_the_largest_gap_and_ends_with_one_catch_up(simulate):
    """Three nights are missed; the first point after the outage bears the newest of them."""
    span = ("--from", "2027-01-01T00:00:00Z", "--to", "2027-02-01T00:00:00Z", "--output", "json")
    report = json.loads(simulate(*span, "--outage", "2027-01-10T12:00:00Z..2027-01-13T12:00:00Z", away="keep-last: 99"))
    home, away = report["sides"]
    assert home["made"] == 31 - 2
    assert home["largest-gap-seconds"] == (3 * 24 + 10) * 3600
    slots = [point["slot"] for point in away["points-at-the-end"]]
    assert "2027-01-13T02:00:00Z" in slots and "2027-01-12T02:00:00Z" not in slots


def test_failing_slots_are_tried_again_and_again_until_they_are_missed(simulate):
    """A third of the slots fail; each failure is followed by more tries, and the rules still hold."""
    report = json.loads(simulate(
        "--from", "2027-01-01T00:00:00Z", "--to", "2027-04-11T00:00:00Z", "--skip-rate", "30%", "--output", "json"))
    home = report["sides"][0]
    missing = 100 - home["made"]
    assert 10 <= missing <= 50
    assert report["skipped"] >= 8 * missing
    assert home["at-end"] == 7


def test_resources_alike_count_for_all(simulate):
    """A hundred resources are a hundred times one."""
    span = ("--from", "2027-01-01T00:00:00Z", "--to", "2027-02-01T00:00:00Z", "--output", "json")
    one, many = (json.loads(simulate(*span, "--resources", count)) for count in ("1", "100"))
    for side, all_of_them in zip(one["sides"], many["sides"]):
        for key in ("made", "deleted", "at-end", "peak", "gib-months"):
            assert abs(all_of_them[key] - 100 * side[key]) <= 50, key
    assert many["calls"]["ec2:CreateSnapshots"] == 100 * one["calls"]["ec2:CreateSnapshots"] == 3100


@pytest.mark.parametrize("arguments,words", [
    (("--from", "2027-01-01", "--to", "2027-02-01T00:00:00Z"), "--from and --to"),
    (("--from", "2027-02-01T00:00:00Z", "--to", "2027-01-01T00:00:00Z"), "in order"),
    (("--from", "2027-01-01T00:00:00Z", "--to", "2027-02-01T00:00:00Z", "--outage", "tomorrow"), "--outage"),
    (("--from", "2027-01-01T00:00:00Z", "--to", "2027-02-01T00:00:00Z", "--skip-rate", "5"), "5%"),
])
def test_bad_options_say_what_to_write(simulate, arguments, words):
    assert words in simulate(*arguments, code=64)


def browser():
    for name in ("chromium-headless-shell", "chromium"):
        if shutil.which(name):
            return name
    (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed")


def opened(page, *options):
    """What the browser makes of a page, and what it says on its console."""
    done = subprocess.run(
        [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=1000,1200",
         *options, page.as_uri()], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_the_page_opens_without_errors_in_light_and_dark(simulate, tmp_path):
    """A picture for each side with a bar for each point, nothing loaded from elsewhere, readable on both backgrounds."""
    text = simulate("--from", "2027-01-01T00:00:00Z", "--to", "2027-04-01T00:00:00Z", "--output", "html")
    assert not re.search(r'(src|href)="(?!data:)', text), "it needs nothing else"
    page = tmp_path / "page.html"
    page.write_text(text)
    tree, console = opened(page, "--dump-dom")
    assert console == []
    assert tree.count("<svg") == 2 and tree.count("<rect") == 2 * 90
    assert 'class="daily"' in tree
    for scheme, is_dark in (("1", False), ("0", True)):
        picture = tmp_path / f"{scheme}.png"
        _, console = opened(page, f"--blink-settings=preferredColorScheme={scheme}", f"--screenshot={picture}")
        assert console == []
        assert is_dark == (corner(picture) < 0x80), "the background follows the scheme"


def corner(picture):
    """How bright the first pixel of a PNG is: its first row is stored without a predecessor."""
    import struct
    import zlib
    data, at, packed = pathlib.Path(picture).read_bytes(), 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return zlib.decompress(packed)[1]
