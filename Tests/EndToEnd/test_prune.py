"""What is deleted and what is not: seen beforehand, withheld, approved; of policies renamed and resources gone."""

import json
import re
import time

import pytest
from conftest import DR, HOME
from support import Aws, Days, Installation, tags

DAY = 86400
WEB, DB = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60003"
WEB_VOLUME = "vol-0a1b2c3d4e5f61001"
CAPPED = (
    "so many at once were never deleted of this policy: look at them with snapwarden prune web, "
    "and let them go with --approve"
)


def config(top="", **policies):
    """Policies for the sandbox's web-1, or for the instances that they name, each with what else is said of it."""
    text = f"fleet: acme\ntiming: {{ consistency: 1s, poll-first: 1s, poll-longest: 1s }}\n{top}\npolicies:\n"
    for name, more in policies.items():
        instance, rules = more if isinstance(more, tuple) else ("web-1", more)
        kind = "ec2-instances" if "-" in instance else "lightsail-instances"
        text += f"  {name}:\n    regions: [us-east-1]\n    select: {{ {kind}: {{ names: [{instance}] }} }}\n"
        text += f'    schedule: {{ cron: "0 2 * * *" }}\n    {rules}\n'
    return text


class Site:
    """Sandbox and installation at noon of a day to come, under a clock that the test moves."""

    def __init__(self, folder, start_sandbox, seed):
        self.folder = folder
        self.noon = (time.time() // DAY + 2) * DAY + DAY // 2
        self.clock, self.seed = Days(folder, self.noon), seed
        self.sandbox = start_sandbox(seed, env=self.clock.server)

    def install(self, text):
        self.installation = Installation(self.folder, Aws(self.sandbox.url), text, self.clock)

    def run(self, *arguments, code=0):
        return self.installation.run(*arguments, code=code)

    def json(self, *arguments):
        return self.installation.json(*arguments)

    def day(self, number, code=0):
        """`run --once` at noon of that day."""
        self.clock.move(self.noon + number * DAY)
        return self.run("run", "--once", code=code)

    def slot(self, day):
        """The slot of that day, as RFC 3339."""
        return at(self.noon + day * DAY - 10 * 3600)

    def older(self, hours, policy="web", **more):
        """Usable points of web-1 of the full hours before noon, with one volume each."""
        return [self.point(self.noon - hour * 3600, policy, **more) for hour in hours]

    def point(self, slot, policy, **more):
        own = {
            "fleet": "acme", "policy": policy, "resource": WEB, "slot": at(slot), "kind": "scheduled",
            "set": f"older-{policy}-{at(slot)}", "members": "1",
        }
        return {
            "volume": WEB_VOLUME, "start": at(slot + 60), "size": 8,
            "description": f"snapwarden acme/{policy}/{WEB}/{at(slot)}",
            "tags": {"Name": "x", **{f"snapwarden:{key}": value for key, value in own.items()}}, **more,
        }

    def add(self, points):
        self.sandbox.admin("POST", "add", {"snapshots": points})

    def slots(self, region=HOME, policy="web", resource=WEB):
        """The slots that boto3 lists of a policy's points of a resource."""
        shown = [tags(snapshot) for snapshot in self.installation.aws.snapshots(region)]
        return sorted(
            {own["snapwarden:slot"] for own in shown
             if (own["snapwarden:policy"], own["snapwarden:resource"]) == (policy, resource)}
        )

    def deletions(self):
        return [r for r in self.sandbox.admin("GET", "requests") if r["operation"] == "DeleteSnapshot"]


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def slots_of(points):
    return sorted(point["tags"]["snapwarden:slot"] for point in points)


def told(actions):
    """What is said of each slot."""
    return {(a["action"], a["slot"], a["region"]): a["reason"] for a in actions}


@pytest.fixture
def site(tmp_path, start_sandbox, seed, monkeypatch):
    site = Site(tmp_path, start_sandbox, seed)
    site.clock.sign(monkeypatch)
    return site


TIGHT = "prune-grace: 0s\nmax-prunes: 2\nmax-prune-share: 1%"


def test_approval_lets_go_exactly_what_the_cap_withheld(site):
    """Ten prunes are steady flow; what goes beyond them by more than two waits for a person."""
    site.install(config(TIGHT, web="retention: { keep-last: 1 }"))
    before = site.older(range(11, 33))
    site.add(before)
    site.run("run", "--once")
    rows = site.json("prune")
    assert [row["slot"] for row in sorted(rows, key=lambda row: row["slot"])] == slots_of(before)
    assert {(r["action"], r["withheld-by"], r["reason"], r["policy"]) for r in rows} == {("withhold", "cap", CAPPED, "web")}
    table = site.run("prune", "web").stdout.splitlines()
    assert table[0].split() == ["ACTION", "POLICY", "RESOURCE", "SLOT", "REGION", "REASON"]
    assert len(table) == 23 and all(re.match(rf"withhold  web +{WEB} +\S+Z  us-east-1  so many", row) for row in table[1:])
    assert len(site.slots()) == 23 and site.deletions() == []

    approved = site.run("prune", "web", "--approve")
    assert approved.stdout.splitlines()[-1].startswith("22 points may be deleted until ")
    later = site.older(range(40, 60))
    site.add(later)
    assert site.deletions() == [], "approving deletes nothing"
    rows = site.json("prune")
    assert slots_of(before) == sorted(r["slot"] for r in rows if r["action"] == "prune")
    assert slots_of(later) == sorted(r["slot"] for r in rows if r["withheld-by"] == "cap")
    site.run("run", "--once")
    assert site.slots() == sorted(slots_of(later) + [site.slot(0)])
    assert len(site.deletions()) == 22


def test_approval_runs_out_after_a_day(site):
    site.install(config(TIGHT, web="retention: { keep-last: 1 }"))
    before = site.older(range(11, 41))
    site.add(before)
    site.run("run", "--once")
    assert "30 points may be deleted until" in site.run("prune", "--approve").stdout
    site.day(2)
    assert site.deletions() == []
    assert {r["withheld-by"] for r in site.json("prune")} == {"cap"}


def test_steady_flow_needs_no_approval(site):
    """The tightest caps there are, and a policy that deletes as much as it makes."""
    site.install(config("max-prunes: 1\nmax-prune-share: 1%", web="retention: { keep-last: 1 }\n    copies: [{ region: eu-west-1 }]"))
    for day in range(5):
        site.day(day)
        assert site.slots() == site.slots(DR) == [site.slot(day)]
        assert site.json("prune") == []


def test_nothing_to_approve_is_said(site):
    site.install(config(web="retention: { keep-last: 1 }"))
    site.run("run", "--once")
    shown = site.run("prune", "web", "--approve").stdout.splitlines()
    assert shown == ["nothing to delete", "nothing is withheld by the cap: nothing to approve"]
    assert site.json("prune") == []
    assert 'did you mean "web"' in site.run("prune", "wbe", code=1).stderr


def test_json_stays_json_while_approving(site):
    site.install(config(TIGHT, web="retention: { keep-last: 1 }"))
    site.add(site.older(range(11, 33)))
    site.run("run", "--once")
    done = site.run("prune", "--approve", "--output", "json")
    assert len(json.loads(done.stdout)) == 22
    assert "22 points may be deleted until" in done.stderr


def test_only_run_changes_anything(site):
    site.install(config(TIGHT, web="retention: { keep-last: 1 }"))
    site.add(site.older(range(11, 33)))
    for command in (["prune"], ["prune", "web", "--approve"], ["plan", "--explain"], ["plan", "--once"], ["list", "--orphans"]):
        site.run(*command)
    assert [r for r in site.sandbox.admin("GET", "requests") if r["mutating"]] == []


def test_plan_explains_every_point_and_run_does_the_same(site):
    """A point that goes, one that is held, one made by hand, a set that lost a member, one that failed."""
    site.install(config("prune-grace: 0s\ndebris-grace: 0s", web="retention: { keep-last: 1, keep-daily: 2 }"))
    points = dict(zip(
        ["newest", "day before", "goes", "held", "manual", "debris", "failed"], site.older([10, 30, 35, 80, 90, 100, 110])
    ))
    points["held"]["tags"]["snapwarden:hold"] = "lawyers"
    points["manual"]["tags"]["snapwarden:kind"] = "manual"
    points["debris"]["tags"]["snapwarden:members"] = "2"
    points["failed"]["state"] = "error"
    site.add(list(points.values()))
    slot = {name: point["tags"]["snapwarden:slot"] for name, point in points.items()}

    plan = site.json("plan", "--explain")
    assert set(plan) == {"actions", "kept", "orphans", "waiting"} and plan["orphans"] == []
    actions = told(plan["actions"])
    assert actions == {
        ("remove-failed", slot["failed"], HOME): "AWS reports: Internal error: the snapshot could not be completed",
        ("prune", slot["goes"], HOME): "no rule keeps it",
        ("prune", slot["debris"], HOME): "only 1 of 2 members are left, and a newer usable point exists",
    }
    made = at(site.noon - 90 * 3600 + 60 + 30 * DAY)
    kept = {point["slot"]: point["reasons"] for point in plan["kept"]}
    assert kept == {
        slot["newest"]: ["keep-last 1/1", "keep-daily 1/2"], slot["day before"]: ["keep-daily 2/2"],
        slot["held"]: ["hold"], slot["manual"]: [f"made by hand, kept until {made}"],
    }
    assert {point["policy"] for point in plan["kept"]} == {"web"}

    rows = [re.split(r"\s{2,}", line) for line in site.run("plan", "--explain").stdout.splitlines()]
    empty = rows.index([""])
    assert rows[0] == ["ACTION", "POLICY", "RESOURCE", "SLOT", "REGION", "REASON"]
    assert rows[1:empty] == [[word, "web", WEB, when, region, why] for (word, when, region), why in sorted(
        actions.items(), key=lambda item: (item[0][0] != "remove-failed", item[0][1]))]
    assert rows[empty + 1] == ["KEPT", "RESOURCE", "SLOT", "REGION", "BY"]
    assert [row[2] for row in rows[empty + 2:]] == sorted(kept, reverse=True)
    assert {row[2]: row[4] for row in rows[empty + 2:]} == {when: ", ".join(why) for when, why in kept.items()}
    assert [a["action"] for a in site.json("plan")] == [a["action"] for a in plan["actions"]]

    site.run("run", "--once", code=2)
    assert site.slots() == sorted(kept)
    listed = {p["slot"]: p["kept-by"] for p in site.json("list")}
    assert listed == {**kept, slot["held"]: ["hold (lawyers)"]}, "the list tells the hold's text too"


def test_plan_foresees_the_grace_of_a_changed_config(site):
    """The daemon has not read it yet: what it will do then is planned, not what it would have done before."""
    site.install(config(web="retention: { keep-last: 5 }"))
    for day in range(4):
        site.day(day)
    site.install(config(web="retention: { keep-last: 1 }"))
    for actions in (site.json("plan"), site.json("prune")):
        assert [(a["withheld-by"], a["slot"]) for a in sorted(actions, key=lambda a: a["slot"])] == [
            ("grace", site.slot(day)) for day in range(3)]
    site.run("run", "--once")
    assert len(site.slots()) == 4


def test_orphans_are_listed_and_never_deleted(site):
    site.install(config("prune-grace: 0s", web="retention: { keep-last: 1 }"))
    assert site.run("list", "--orphans").stdout == "no recovery points\n"
    orphans = site.older([100, 200, 300], "forgotten")
    orphans[2]["state"] = "error"
    site.add(orphans + site.older([10, 30]))
    shown = site.json("list", "--orphans")
    assert [(p["slot"], p["policy"], p["kept-by"]) for p in shown] == [(s, "forgotten", []) for s in slots_of(orphans)]
    said = site.run("list", "--orphans").stdout
    assert len(re.findall("^forgotten ", said, re.M)) == 3 and not re.search("^web ", said, re.M)
    assert re.search(
        r"^3 points \(24 GiB of volumes\) are of policies that the config does not name: forgotten; the oldest is 12d \d+h old\.",
        said, re.M)
    assert re.search("^3 points", site.run("list").stdout, re.M)
    explained = site.json("plan", "--explain")
    assert len(explained["orphans"]) == 3
    for day in (0, 40):
        site.day(day)
    assert site.slots(policy="forgotten") == slots_of(orphans)
    assert site.slots() == [site.slot(40)]


def test_renamed_policy_goes_on_with_its_old_points(site):
    """They count as satisfied, have each their day of grace, and are then pruned by the new rules on both sides."""
    copies = "copies: [{ region: eu-west-1 }]"
    site.install(config(web=f"retention: {{ keep-last: 5 }}\n    {copies}"))
    for day in range(4):
        site.day(day)
    old = [site.slot(day) for day in range(4)]
    assert site.slots() == site.slots(DR) == old
    site.install(config(site=f"retention: {{ keep-last: 2 }}\n    adopts: [web]\n    {copies}"))
    taken = len(site.sandbox.admin("GET", "dump")["regions"][1]["snapshots"])
    site.run("run", "--once")
    assert site.slots() == site.slots(DR) == old and site.slots(policy="site") == [], "the slot is satisfied"
    assert len(site.sandbox.admin("GET", "dump")["regions"][1]["snapshots"]) == taken
    withheld = [a for a in site.json("prune") if a["withheld-by"] == "grace"]
    assert sorted((a["slot"], a["region"], a["policy"]) for a in withheld) == sorted(
        (slot, region, "site") for slot in old[:2] for region in (HOME, DR))
    assert site.json("list", "--orphans") == []
    for day in (4, 5, 7):
        site.day(day)
    for region in (HOME, DR):
        assert site.slots(region) == [] and site.slots(region, "site") == [site.slot(5), site.slot(7)]


def test_points_of_a_gone_resource_stay_for_their_time_and_then_go(site):
    """Those of a resource that is there are not touched, nor are those of one that must be kept."""
    rules = "retention: { keep-last: 2 }\n    copies: [{ region: eu-west-1 }]\n    when-resource-gone:"
    site.install(config(
        web=f"{rules} {{ delete-after: 3d, keep-last: 0 }}", db=("db-1", f"{rules} keep"),
        alive=("web-2", f"{rules} {{ delete-after: 1h, keep-last: 0 }}"),
    ))
    for day in range(3):
        site.day(day)
    site.sandbox.admin("POST", "set", {"terminate": [WEB, DB]})
    points = [site.slot(1), site.slot(2)]

    def stand():
        return [site.slots(region, *whose) for whose in (("web", WEB), ("db", DB)) for region in (HOME, DR)]

    for day in (3, 4):
        site.day(day)
        assert stand() == [points] * 4
    kept = {(p["policy"], p["region"]): p["kept-by"] for p in site.json("list") if p["slot"] == points[-1]}
    until = [reason for reason in kept["web", HOME] if reason.startswith("its resource is gone: kept until ")]
    [day] = {point["taken"][:10] for point in site.json("list") if point["slot"] == points[-1]}
    assert len(until) == 1 and kept["web", HOME] == kept["web", DR] and day == points[-1][:10]
    assert kept["db", HOME] == kept["db", DR] == ["its resource is gone: kept until a person says otherwise"]
    gone = {resource["policy"]: resource for resource in site.json("status")["gone"]}
    assert set(gone) == {"web", "db"} and gone["db"]["resource"] == DB
    # Two points on each side, of two volumes that are copied.
    assert gone["db"]["points"] == 4 and gone["db"]["gib"] > 0 and gone["db"]["rule"] == "keep"
    site.day(6)
    assert stand() == [[], [], points, points]
    assert [resource["policy"] for resource in site.json("status")["gone"]] == ["db"]
    assert site.slots(HOME, "alive", "i-0a1b2c3d4e5f60002") == [site.slot(4), site.slot(6)]


def test_resource_that_could_not_be_read_is_not_gone(site):
    """For days EC2 answers no DescribeInstances: nothing goes, and nothing has gone when it answers again."""
    site.install(config(web="retention: { keep-last: 2 }\n    when-resource-gone: { delete-after: 1h, keep-last: 0 }"))
    site.day(0)
    site.day(1)
    site.sandbox.admin("POST", "faults", [{"operation": "DescribeInstances", "kind": "unavailable", "count": 10000}])
    for day in (2, 4):
        site.day(day, code=1)
    site.sandbox.admin("DELETE", "faults")
    assert site.slots() == [site.slot(0), site.slot(1)]
    site.day(5)
    assert site.slots() == [site.slot(1), site.slot(5)]


def test_resource_that_comes_back_is_not_gone(site):
    """Absent for some hours, and again later: the day counts from the second absence."""
    [blog] = [i for i in site.seed["lightsail-instances"] if i["name"] == "blog"]
    rules = "retention: { keep-last: 9 }\n    when-resource-gone: { delete-after: 1h, keep-last: 0 }"
    site.install(config(web=("blog", rules)))

    def listed(hour):
        site.clock.move(site.noon + hour * 3600)
        site.run("run", "--once")
        return [point["slot"] for point in site.json("list")]

    assert listed(0) == [site.slot(0)]
    site.sandbox.admin("POST", "set", {"terminate": ["blog"]})
    assert listed(10) == [site.slot(0)]
    site.sandbox.admin("POST", "add", {"lightsail-instances": [blog]})
    assert listed(13) == [site.slot(0)]
    site.sandbox.admin("POST", "set", {"terminate": ["blog"]})
    assert listed(16) == listed(35) == listed(39) == [site.slot(0)]
    assert listed(41) == []
