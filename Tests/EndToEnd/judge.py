"""The judge of a world in which much went wrong: our points as boto3 lists them, and every delete that AWS did."""

import calendar
import collections
import dataclasses
import datetime
import hashlib
import re
import threading
import time
from zoneinfo import ZoneInfo

from conftest import DR, HOME
from support import tags
from test_retention import RESTIC

UTC = ZoneInfo("UTC")
#: What each snapshot of ours must bear; a copy of EC2 bears the rest, too.
MARKS = ["fleet", "policy", "resource", "slot", "kind", "set", "members"]
MARKS_OF_COPIES = ["volume", "source", "taken"]
making_clients = threading.Lock()


def seconds(text):
    """Seconds since 1970 of an RFC 3339 time."""
    return calendar.timegm(datetime.datetime.fromisoformat(text).utctimetuple())


def rfc3339(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


@dataclasses.dataclass
class Point:
    """What one region holds of a set."""

    service: str
    region: str
    policy: str
    resource: str
    slot: int
    set: str
    #: By id: the volume, and what it is a copy of.
    members: dict = dataclasses.field(default_factory=dict)
    states: set = dataclasses.field(default_factory=set)

    @property
    def pair(self):
        return self.policy, self.resource

    @property
    def surplus(self):
        """What more than one of its members are copies of."""
        sources = collections.Counter(source for _, source in self.members.values() if source)
        return sorted(source for source, count in sources.items() if count > 1)

    def __str__(self):
        return f"{self.policy}/{self.resource}/{rfc3339(self.slot)} in {self.region}"


#: A snapshot: of which policy and resource, slot and set, of which volume or snapshot, and when it was begun.
Made = collections.namedtuple("Made", "pair slot set what begun")


class Judge:
    """Looks at a sandbox again and again, remembers what it saw, and says what is wrong in the end.

    `protected` gives the volumes of each pair of policy and resource, `rules` each policy's retention on both sides.
    """

    def __init__(self, sandbox, fleet, protected, rules):
        self.sandbox, self.fleet, self.protected, self.rules = sandbox, fleet, protected, rules
        with making_clients:
            self.clients = {
                (service, region): sandbox.client(service, region)
                for service in ("ec2", "lightsail") for region in (HOME, DR)}
        #: The slots of each pair of which there ever was a whole point at home.
        self.slots = collections.defaultdict(set)
        #: Every set of ours that was ever seen at home.
        self.sets = set()
        #: Whatever was made, whether boto3 shows it yet or not, by where it is and its id.
        self.census = {}

    # MARK: Looking

    def look(self):
        """Our points as boto3 lists them now, and what is odd about any of them."""
        self.count()
        points, oddities = {}, []
        for region in (HOME, DR):
            for snapshot in self.clients["ec2", region].describe_snapshots(OwnerIds=["self"])["Snapshots"]:
                self.take_in(snapshot, region, points, oddities)
            for snapshot in self.lightsail(region):
                self.take_in_lightsail(snapshot, region, points, oddities)
        points = list(points.values())
        for point in points:
            if point.region != HOME:
                continue
            self.sets.add(point.set)
            if sorted(v for v, _ in point.members.values()) == self.protected[point.pair]:
                self.slots[point.pair].add(point.slot)
        return points, oddities

    def lightsail(self, region):
        found, page = [], {}
        while True:
            reply = self.clients["lightsail", region].get_instance_snapshots(**page)
            found += reply["instanceSnapshots"]
            if not reply.get("nextPageToken"):
                return found
            page = {"pageToken": reply["nextPageToken"]}

    def take_in(self, snapshot, region, points, oddities):
        own = {key.removeprefix("snapwarden:"): value for key, value in tags(snapshot).items()}
        marks = MARKS + (MARKS_OF_COPIES if region != HOME else [])
        # A volume that is protected by itself need not be attached.
        marks = marks + (["device"] if own.get("resource", "i-").startswith("i-") else [])
        if missing := [m for m in [*marks, "Name"] if m not in own]:
            oddities.append(f"{snapshot['SnapshotId']} in {region} lacks the tags {missing}")
        if not {"policy", "resource", "slot", "set"} <= set(own):
            return
        described = f"snapwarden {self.fleet}/{own['policy']}/{own['resource']}/{own['slot']}"
        if snapshot["Description"] != described or own["fleet"] != self.fleet:
            oddities.append(f"{snapshot['SnapshotId']} in {region} is not what its description says: {snapshot}")
        point = points.setdefault(("ec2", region, own["set"]), Point(
            "ec2", region, own["policy"], own["resource"], seconds(own["slot"]), own["set"]))
        volume = snapshot["VolumeId"] if region == HOME else own.get("volume", "")
        point.members[snapshot["SnapshotId"]] = (volume, own.get("source"))
        point.states.add(snapshot["State"])

    def take_in_lightsail(self, snapshot, region, points, oddities):
        name = snapshot["name"]
        own = {tag["key"] for tag in snapshot.get("tags", [])}
        # CopySnapshot takes no tags there: the name alone is of the same call.
        if missing := [m for m in MARKS if f"snapwarden:{m}" not in own]:
            oddities.append(f"{name} in {region} lacks the tags {missing}")
        fleet, policy, home, instance, _, slot = name.split("--")
        if (fleet, home, instance) != (self.fleet, HOME, snapshot["fromInstanceName"]):
            oddities.append(f"{name} in {region} is not what its name says: {snapshot}")
        slot = calendar.timegm(time.strptime(slot, "%Y%m%dT%H%M%SZ"))
        points["lightsail", region, name] = Point(
            "lightsail", region, policy, instance, slot, name, {name: (instance, None)}, {snapshot["state"]})

    @staticmethod
    def by_place(points):
        places = collections.defaultdict(list)
        for point in points:
            places[point.region, point.pair, point.slot].append(point)
        return places

    # MARK: Judging

    def complaints(self):
        """What is not as it has to be once everything is over; nothing, if all is well."""
        points, oddities = self.look()
        return (
            self.duplicates(points) + oddities + self.strangers(points) + self.unfinished(points)
            + self.retention_faults(points))

    def duplicates(self, points):
        """What is there twice: sets of one slot, copies of one snapshot."""
        wrong = [f"{point}: more than one copy of {point.surplus}" for point in points if point.surplus]
        return wrong + [
            f"duplicates of {same[0]}: the sets {sorted(p.set for p in same)}"
            for same in self.by_place(points).values() if len(same) > 1]

    def strangers(self, points):
        """Copies of what nobody ever saw at home."""
        return [f"{p}: a copy of the set {p.set}, which nobody saw at home" for p in points if p.set not in self.sets]

    def unfinished(self, points):
        """Points that are pending, that failed, or that lack something."""
        wrong = [f"{p} is {p.states}" for p in points if p.states - {"completed", "available"}]
        for point in points:
            volumes = {volume for volume, _ in point.members.values()}
            if volumes != set(self.protected[point.pair]):
                wrong.append(f"{point}: the set {point.set} is of {volumes}, not {self.protected[point.pair]}")
        return wrong

    def retention_faults(self, points):
        """Where a side does not hold exactly what its rules keep of all there ever was."""
        wrong = []
        for policy, resource in self.protected:
            for region in (HOME, DR):
                held = {p.slot for p in points if (p.region, p.pair) == (region, (policy, resource))}
                ever = sorted(self.slots[policy, resource])
                kept = set(RESTIC.keep(UTC, ever, self.rules[policy][region])) if ever else set()
                if held != kept:
                    wrong.append(
                        f"{policy}/{resource} in {region}: {self.rules[policy][region]} lacks "
                        f"{[rfc3339(s) for s in sorted(kept - held)]} and has no room for "
                        f"{[rfc3339(s) for s in sorted(held - kept)]}")
        return wrong

    @staticmethod
    def unlisted(points, rows):
        """What is there, and `list --output json`, whose rows these are, does not show; or the other way round."""
        there = {(p.region, member) for p in points for member in p.members}
        listed = {(row["region"], member["snapshot"]) for row in rows for member in row["members"]}
        return there ^ listed

    # MARK: All that ever was

    def count(self):
        """Notes whatever there is, also what AWS does not show yet."""
        for place in self.sandbox.admin("GET", "dump")["regions"]:
            region = place["region"]
            for snapshot in place["snapshots"]:
                own = snapshot["tags"]
                key = ("ec2", region, snapshot["id"])
                policy, resource, slot, nonce = (
                    own.get(f"snapwarden:{mark}") for mark in ("policy", "resource", "slot", "set"))
                what = snapshot.get("source") or snapshot["volume"]
                self.census.setdefault(key, Made((policy, resource), slot, nonce, what, seconds(snapshot["start"])))
            for snapshot in place["lightsail-snapshots"]:
                name = snapshot["name"]
                key = ("lightsail", region, name)
                slot = rfc3339(calendar.timegm(time.strptime(name.split("--")[-1], "%Y%m%dT%H%M%SZ")))
                self.census.setdefault(key, Made(
                    (name.split("--")[1], snapshot["from"]), slot, name, name, seconds(snapshot["created"])))

    def made(self, region):
        """All that was ever made in a region."""
        return [made for (_, place, _), made in self.census.items() if place == region]

    def taken_twice(self):
        """The sets that were ever made at home for one slot of a resource, with when, where there was more than one."""
        found = collections.defaultdict(dict)
        for made in self.made(HOME):
            sets = found[made.pair, made.slot]
            sets[made.set] = min(made.begun, sets.get(made.set, made.begun))
        return {place: sets for place, sets in found.items() if len(sets) > 1}

    def copied_twice(self):
        """What was ever copied more than once, with its resource and slot."""
        copies = collections.Counter((made.pair, made.slot, made.what) for made in self.made(DR))
        return {copied for copied, count in copies.items() if count > 1}

    def wrong_deletes(self, seconds_to_usable):
        """Deletes that took the last usable point of a resource in a region, or of something that nobody ever saw.

        The log of AWS's doings names what was deleted by a digest of the request, which only these ids can have.
        """
        asked = {}
        for service, region, snapshot in self.census:
            asked[service, region, digest(service, snapshot)] = snapshot
        gone, wrong = set(), []
        for call in self.performed("Delete.*Snapshot"):
            place = (call["service"], call["region"])
            snapshot = asked.get((*place, call["digest"]))
            if snapshot is None:
                wrong.append(f"nobody ever saw what this deleted: {call}")
                continue
            pair = self.census[*place, snapshot].pair
            ripe = seconds(call["time"]) - seconds_to_usable
            before = self.usable(place, pair, gone, ripe)
            gone.add((*place, snapshot))
            if before and not self.usable(place, pair, gone, ripe):
                wrong.append(f"the last usable point of {pair} in {place} was deleted: {snapshot}, {call}")
        return wrong

    def usable(self, place, pair, gone, ripe):
        """The whole sets of a resource in a region that had all been begun by then."""
        members = collections.defaultdict(set)
        for where, made in self.census.items():
            if where[:2] == place and made.pair == pair and made.begun <= ripe and where not in gone:
                members[made.set].add(made.what)
        return [nonce for nonce, parts in members.items() if len(parts) >= len(self.protected[pair])]

    def performed(self, pattern):
        """The calls of operations so named that AWS carried out, whether it said so or not, oldest first."""
        return [
            call for call in self.sandbox.admin("GET", "requests")
            if re.match(pattern, call["operation"]) and call["outcome"] in ("ok", "dropped after")]


def digest(service, snapshot):
    """What the sandbox's log has for a request to delete that."""
    if service == "ec2":
        body = f"Action=DeleteSnapshot&Version=2016-11-15&SnapshotId={snapshot}"
    else:
        body = f'{{"instanceSnapshotName":"{snapshot}"}}'
    return hashlib.sha256(body.encode()).hexdigest()[:16]
