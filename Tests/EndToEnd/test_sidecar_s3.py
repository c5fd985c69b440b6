"""What a snapshot does not hold is put into a bucket of S3, or kept in the ledger, and put back by a restore."""

import contextlib
import hashlib
import json
import re
import types

import pytest
import requests
from botocore import auth, awsrequest, credentials
from conftest import ACCESS_KEY, DR, HOME, SECRET_KEY, Sandbox
from iam_evaluator import listed
from proxy import Call, Proxy
from support import Aws, Installation, daemon, moto_server, tags, wait_for
from test_kills import Killer
from test_lost_region import Outage
from test_restore_ec2 import PROFILE, instance, mapped, there
from test_restore_lightsail import likeness, port
from test_restore_lightsail import tags as lightsail_tags
from warp import Warp

CONFIG = """
fleet: acme
{sidecar}
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 1s }}
policies: {{ nightly: {{
  regions: [us-east-1], schedule: {{ cron: "0 2 1 * *" }}, first: now, copies: [{{ region: eu-west-1 }}],
  tags: {tags}, select: {{ ec2-instances: {{ names: ["*"] }}, ec2-volumes: {{ names: [archive] }},
                         lightsail-instances: {{ names: ["*"] }} }} }} }}
"""
SIDECAR, ELSEWHERE, GONE, FIRMWARE = "s3://{}/side/cars_1.x", "eu-central-1", "hung up", "QU1aTlVFRkkr/3Nl" * 200
FULL = instance(
    "full", ("/dev/sdf", {"size": 50, "type": "io2", "iops": 900}), root={"size": 9, "iops": 4000, "throughput": 250},
    zone="b", type="r7i.large", subnet="subnet-us-east-1b", profile=PROFILE, **{
        "key-name": "ours", "security-groups": ["sg-1", "sg-2"], "boot-mode": "uefi", "uefi-data": FIRMWARE},
    tags={f"tag-{n:02}": f"{n} {'x' * 250}" for n in range(36)} | {"odd \"<&>\" \\ +": "é=1\t\\n \"ü\"", "empty": ""})
BLOG = {
    "name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01", "bundle": "small_3_0", "blueprint": "debian_12",
    "zone": "b", "automatic": "03:00", "stop-on-idle": {"threshold": "2", "duration": "30"}, "ip-address-type": "ipv4",
    "ports": [port(8000 + number) for number in range(50)] + [port(53, protocol="udp", opened=["2001:db8::/32"])],
    "key-pair": "ours", "tags": {f"tag-{n:02}": f"{n} = {'y' * 240} @home" for n in range(12)}}
WORLD = {
    "regions": [HOME, DR], "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0},
    "lightsail-key-pairs": [{"name": "ours"}, {"name": "ours", "region": DR}]}
#: Full and blog alone do not fit into tags; empty may boot by UEFI, and has nothing stored yet.
ONE, CUT, ALL = {"ec2-instances": [FULL]}, {"ec2-instances": [FULL], "lightsail-instances": [BLOG]}, {
    "ec2-instances": [FULL, instance("plain"), instance("empty", **{"boot-mode": "uefi-preferred"})],
    "ec2-volumes": [{"id": "vol-alone", "name": "archive", "size": 100, "tags": {"role": "old"}}],
    "lightsail-instances": [BLOG, {"name": "small"}], "lightsail-static-ips": [{"name": "ip", "attached-to": "small"}]}
WORDS = {
    "InstanceType": "type", "Architecture": "architecture", "RootDeviceName": "root", "PlatformDetails": "platform",
    "BootMode": "boot", "TpmSupport": "tpm", "SubnetId": "subnet", "KeyName": "key-pair", "bundleId": "type",
    "ipAddressType": "addresses", "sshKeyName": "key-pair"}
BUCKETS = ["", "bucket", "https://bucket/x", "S3://bucket", "s3:/bucket", "s3://", "s3:///x", "s3://ab", "s3://Bucket",
           f"s3://{'b' * 64}", "s3://a_b", "s3://bücket", "s3://a b", "s3://a:b"]
PREFIXES = ["/x", "x//y", "x/", "./x", "x/..", "../x/y", "a b", "a*", "%41", "ä", "a?b", "a#b", "a\\b", "a=b"]


class Store(Proxy):
    """A bucket of moto's; `answer`, where it gives something (a reply, or GONE), answers in S3's place."""

    def __init__(self, moto):
        super().__init__(types.SimpleNamespace(url=moto.endpoint))
        self.RequestHandlerClass, self.moto, self.s3 = Door, moto.endpoint, moto.client("s3", HOME)
        self.asked, self.answer = [], lambda asked: None
        self.bucket = f"bucket-{len(self.s3.list_buckets()['Buckets'])}.x"
        self.s3.create_bucket(Bucket=self.bucket)

    def objects(self):
        """What each of them says, its facts in order."""
        keys = [shown["Key"] for shown in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]
        found = {key: json.load(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]) for key in keys}
        return {key: record | {"about": sorted(record["about"])} for key, record in found.items()}


class Door(Call):
    def do_PUT(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.body = self.rfile.read(int(headers.get("content-length", 0)))
        asked = types.SimpleNamespace(
            method=self.command, path=self.path, headers=headers, body=self.body,
            region=headers["authorization"].split("/")[2], perform=self.perform)
        self.server.asked.append(asked)
        reply = self.server.answer(asked) or self.perform()
        if reply == GONE:
            return self.reset()
        asked.status, text, more = reply
        self.send_response_only(asked.status)
        for name, value in {"Content-Length": str(len(text)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_HEAD = do_DELETE = do_POST = do_PUT

    def perform(self):
        reply = requests.request(self.command, self.server.moto + self.path, data=self.body, headers=self.headers)
        return reply.status_code, reply.content, {}


def error(status, code, message="", **headers):
    """As S3 says it (API reference, "Error responses")."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>r</RequestId><HostId>h</HostId></Error>"
    return status, b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode(), headers


def check_signature(asked):
    """That it is the one botocore makes of what came, and that all is signed which has to be."""
    credential, names, signature = re.findall(r"=([^\s,]+)", asked.headers["authorization"])
    signed = {name: asked.headers[name] for name in names.split(";")}
    request = awsrequest.AWSRequest(asked.method, f"http://{asked.headers['host']}{asked.path}", signed, asked.body)
    request.context["timestamp"] = asked.headers["x-amz-date"]
    signer = auth.S3SigV4Auth(credentials.Credentials(ACCESS_KEY, SECRET_KEY), "s3", asked.region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert (credential, signature) == (signer.scope(request), signer.signature(text, request))
    assert asked.headers["x-amz-content-sha256"] == hashlib.sha256(asked.body).hexdigest()
    assert {"host", *(n for n in asked.headers if n.startswith("x-amz-") or n == "content-type")} <= set(signed)


OUTAGES = {
    "S3 is gone": (GONE, ""), "slow": (error(503, "SlowDown"), "SlowDown"),
    "an echo": (error(403, "SignatureDoesNotMatch", f"not {SECRET_KEY}"), "SignatureDoesNotMatch"),
    "no bucket": (error(404, "NoSuchBucket", "The specified bucket does not exist"), "NoSuchBucket"),
    "nowhere": (error(301, "PermanentRedirect", **{"x-amz-bucket-region": ELSEWHERE}), "PermanentRedirect")}
NOT_READ = {
    "not there": error(404, "NoSuchKey"), "no right": error(403, "AccessDenied"), "S3 is gone": GONE,
    "no JSON": (200, b'{"about": [["type", "t3.sm', {}), "other JSON": (200, b'{"about": [1]}', {})}


class Site(Installation):
    """A world of its own, a bucket, and the program between them."""

    def __init__(self, folder, moto, world, sidecar=SIDECAR, clock=None, tags="{}"):
        folder.mkdir(exist_ok=True)
        (folder / "seed.json").write_text(json.dumps(WORLD | world))
        self.sandbox = Sandbox(folder / "seed.json", env=clock.environment if clock else None)
        self.store, self.door = Store(moto), Killer(self.sandbox)
        config = CONFIG.format(sidecar=sidecar and f"sidecar: {sidecar.format(self.store.bucket)}", tags=tags)
        super().__init__(folder, Aws(self.sandbox.url) if clock else self.door, config, clock)
        self.ec2 = {region: self.sandbox.client("ec2", region) for region in (HOME, DR)}
        self.clients = {region: self.sandbox.client("lightsail", region) for region in (HOME, DR)}

    def environment(self, **more):
        return super().environment(AWS_ENDPOINT_URL_S3=self.store.endpoint, **more)

    def end(self):
        self.store.end()
        self.door.end()
        assert self.sandbox.stop() == 0

    def run_once(self):
        return self.complaints(self.run("run", "--once", "--log-format", "json").stderr)

    def complaints(self, said=None):
        """What is said of sidecars that could not be put, by the daemon if not given; nothing secret is said."""
        said = (self.folder / "daemon.log").read_text() if said is None else said
        assert SECRET_KEY not in said and FIRMWARE[:40] not in said
        events = [json.loads(line) for line in said.rpartition("\n")[0].splitlines()]
        return [event["message"] for event in events if {"action-failed", "keep-sidecar"} <= set(event.values())]

    def restore(self, *arguments, region=HOME):
        """What is said, and the EC2 instances that are made."""
        before = there(self.ec2[region])["instances"]
        said = self.run("restore", *arguments, "--region", region, "--yes").stderr
        return said, *(id for id in there(self.ec2[region])["instances"] if id not in before)

    def points(self, region=HOME):
        found = map(tags, self.ec2[region].describe_snapshots(OwnerIds=["self"])["Snapshots"])
        others = self.clients[region].get_instance_snapshots()["instanceSnapshots"]
        return {own["snapwarden:set"]: own for own in found} | {s["name"]: lightsail_tags(s) for s in others}

    def records(self, prefix="side/cars_1.x/"):
        """Every object that is to be there, as boto3 sees the points at home and their originals."""
        originals, found, marks = self.resources(), {}, ("fleet", "policy", "resource", "slot")
        for name, own in self.points().items():
            record = {mark: own[f"snapwarden:{mark}"] for mark in marks} | originals[own["snapwarden:resource"]]
            found[f"{prefix}acme/{name}.json"] = record | {"set": name, "region": HOME}
        return found

    def resources(self, region=HOME):
        ec2, lightsail, found = self.ec2[region], self.clients[region], {}
        instances, volumes = there(ec2)["instances"], there(ec2)["volumes"]
        for id, one in (volumes | instances).items():
            facts = [["zone", one.get("Placement", one)["AvailabilityZone"]], *(["tag", *p] for p in tags(one).items())]
            facts += [[word, one[key]] for key, word in WORDS.items() if key in one]
            facts += [["group", group["GroupId"]] for group in one.get("SecurityGroups", [])]
            facts += [["profile", one["IamInstanceProfile"]["Arn"]]] if "IamInstanceProfile" in one else []
            facts += [["ena", "yes"]] if one.get("EnaSupport") else []
            for device, ebs in (mapped(one) if id in instances else {"": {"VolumeId": id}}).items():
                v, ends = volumes[ebs["VolumeId"]], [] if ebs.get("DeleteOnTermination") else ["stays"]
                speed = (str(v.get(key, 0)) for key in ("Iops", "Throughput"))
                facts.append(["volume", device, v["VolumeType"], *speed, *ends])
            found[id] = {"kind": f"ec2-{'instances' if id in instances else 'volumes'}", "about": sorted(facts)}
            with contextlib.suppress(ec2.exceptions.ClientError):  # it has nothing stored
                found[id]["uefi-data"] = ec2.get_instance_uefi_data(InstanceId=id)["UefiData"]
        for one in lightsail.get_instances()["instances"]:
            facts = [["zone", one["location"]["availabilityZone"]], *(["tag", *p] for p in lightsail_tags(one).items())]
            facts += [[word, one[key]] for key, word in WORDS.items() if key in one]
            facts += [["add-on", a["name"], *(a[k] for k in ("snapshotTimeOfDay", "threshold", "duration") if k in a)]
                      for a in one.get("addOns", []) if a["status"] == "Enabled"]
            facts += [["static-ip", one["publicIpAddress"]]] if one["isStaticIp"] else []
            states = lightsail.get_instance_port_states(instanceName=one["name"])["portStates"]
            facts += [["port", s["protocol"], f"{s['fromPort']}-{s['toPort']}", source] for s in states
                      for source in [*s["cidrs"], *s["ipv6Cidrs"], *s["cidrListAliases"]]]
            found[one["arn"].rpartition("/")[2]] = {"kind": "lightsail-instances", "about": sorted(facts)}
        return found

    def likeness(self, id, region=HOME):
        """What is to be equal of an EC2 instance and of what is restored of it in any region: firmware, facts, tags."""
        one = self.resources(region)[id]
        facts = [fact for fact in one["about"] if fact[0] in ("type", "boot", "tpm", "profile", "volume")]
        own = {tuple(fact[1:]) for fact in one["about"] if fact[0] == "tag" and fact[1] != "snapwarden:restore"}
        return one.get("uefi-data"), facts, own


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with moto_server(tmp_path_factory.mktemp("moto")) as aws:
        yield aws


@pytest.fixture
def start(tmp_path, moto):
    sites = []
    yield lambda world=ONE, **more: sites.append(Site(tmp_path / "site", moto, world, **more)) or sites[-1]
    for site in sites:
        site.end()


@pytest.fixture(scope="module")
def calm(tmp_path_factory, moto):
    site = Site(tmp_path_factory.mktemp("calm"), moto, ALL)
    site.found, site.asked = site.run_once(), list(site.store.asked)
    yield site
    site.end()


def test_every_point_is_put_in_full(calm):
    """Once, if it is not there, signed for the region of the first copy; no other call is made."""
    records, points = calm.records(), calm.points().values()
    assert calm.store.objects() == records and len(records) == 6 and calm.found == []
    cut = {own["snapwarden:resource"] for own in points if any(text.endswith(" more") for text in own.values())}
    assert cut == {"i-full", BLOG["uuid"]} and {r.get("uefi-data") for r in records.values()} == {None, FIRMWARE}
    assert sorted(asked.path for asked in calm.asked) == sorted(f"/{calm.store.bucket}/{key}" for key in records)
    for asked in calm.asked:
        check_signature(asked)
        assert (asked.method, asked.region, asked.headers["if-none-match"]) == ("PUT", DR, "*")
        assert asked.headers["content-type"] == "application/json"


def test_of_a_backup_by_hand_and_without_a_prefix(start):
    site = start(CUT, sidecar="s3://{}")
    site.run("backup", "nightly")
    assert site.store.objects() == site.records(prefix="") and len(site.records()) == 2


@pytest.mark.parametrize("is_ours", [False, True], ids=["somebody's", "ours, and the reply was lost"])
def test_what_is_there_is_never_overwritten(start, is_ours):
    site, theirs = start(), {"about": [["type", "theirs"]]}
    put = lambda key: site.store.s3.put_object(Bucket=site.store.bucket, Key=key, Body=json.dumps(theirs))
    ours = lambda asked: asked.perform() and GONE if asked is site.store.asked[0] else None
    site.store.answer = ours if is_ours else lambda asked: put(asked.path.split("/", 2)[2]) and None
    assert site.run_once() == [] and site.store.asked[-1].status == 412
    objects, count = site.store.objects(), len(site.store.asked)
    assert objects == {key: record if is_ours else theirs for key, record in site.records().items()} != {}
    assert site.run_once() == [] and len(site.store.asked) == count, "it is done"
    site.ec2[HOME].create_tags(Resources=["i-full"], Tags=[{"Key": "tag-30", "Value": "new"}])
    site.forget()
    assert site.run_once() == [] and site.store.objects() == objects


@pytest.mark.parametrize("reply, code", OUTAGES.values(), ids=OUTAGES)
def test_backups_go_on_and_the_sidecar_is_put_after_a_kill(start, reply, code):
    site = start()
    site.store.answer = lambda asked: reply
    with daemon(site, None, "--log-format", "json"):
        wait_for(lambda: site.points().keys() == site.points(DR).keys() != set() and site.complaints())
    [complaint], records = site.complaints(), site.records()
    assert site.store.bucket in complaint and code in complaint and site.store.objects() == {}
    site.ec2[HOME].create_tags(Resources=["i-full"], Tags=[{"Key": "tag-30", "Value": "new"}])
    site.store.answer = lambda asked: None
    assert site.run_once() == [] and site.store.objects() == records


def test_said_once_by_a_daemon_that_goes_on_trying(start, tmp_path):
    site = start(clock=(clock := Warp(tmp_path)))
    site.store.answer = lambda asked: error(403, "AccessDenied", "Access Denied")
    with daemon(site, None, "--log-format", "json"):
        wait_for(lambda: site.points(DR) and site.complaints())
        records = site.records()
        for _ in range(3):
            count = len(site.store.asked)
            clock.move(4000)
            wait_for(lambda: len(site.store.asked) > count)
        site.store.answer = lambda asked: None
        clock.move(4000)
        wait_for(lambda: site.store.objects() == records)
    assert [site.store.bucket in said and "AccessDenied" in said for said in site.complaints()] == [True]


def test_one_of_which_not_all_can_be_read_is_put_later_and_holds_up_no_other(start):
    site = start(ALL)
    site.sandbox.admin("POST", "set", {"denied": ["ec2:GetInstanceUefiData"]})
    [complaint] = site.run_once()
    assert "GetInstanceUefiData" in complaint and len(site.points(DR)) == 6
    lacking = {record["resource"] for key, record in site.records().items() if key not in site.store.objects()}
    site.sandbox.admin("POST", "set", {"denied": []})
    assert site.run_once() == [] and site.store.objects() == site.records() and lacking == {"i-full", "i-empty"}


@pytest.mark.parametrize("call", ["ec2:CreateSnapshots", "lightsail:CreateInstanceSnapshot"])
def test_killed_as_the_snapshot_is_taken(start, call):
    site = start(CUT)
    site.door.fatal = (call, 1, "after")
    with daemon(site, None, "--once") as site.door.victim:
        assert site.door.victim.wait(60) == -9
    assert site.run_once() == [] and site.store.objects() == site.records() and len(site.records()) == 2


@pytest.mark.parametrize("source", ["the bucket", "the ledger", "the ledger, as S3 is gone", "the tags"])
def test_what_is_put_back(start, source):
    """The bucket alone holds the firmware, and the tags not even all tags; the original is gone."""
    has_bucket = source not in ("the ledger", "the tags")
    site = start(CUT, sidecar=SIDECAR if has_bucket else "")
    site.store.answer = lambda asked: GONE if "gone" in source else None
    site.run_once()
    blog, (firmware, full, own) = likeness(site, HOME, "blog"), site.likeness("i-full")
    site.clients[HOME].delete_instance(instanceName="blog", forceDeleteAddOns=True)
    site.ec2[HOME].terminate_instances(InstanceIds=["i-full"])
    if "ledger" not in source:
        site.forget()
    [said], [more, made] = site.restore("blog"), site.restore("full", "--new-instance")
    found = site.likeness(made)
    assert FIRMWARE[:40] not in more and (site.store.asked != []) == has_bucket and site.store.bucket not in said
    assert found[:2] == (firmware if source == "the bucket" else found[0], full) and set() < found[2] <= own
    assert (likeness(site, HOME, "blog") == blog, found[2] == own) == (source != "the tags",) * 2


def test_where_a_volume_has_so_many_tags_that_ours_find_no_room(start):
    app = instance("app", root={"tags": {f"v{number}": "x" for number in range(36)}})
    site = start({"ec2-instances": [app]}, sidecar="", tags="{ copy-from-volume: true }")
    site.run_once()
    [own], original = site.points().values(), site.likeness("i-app")
    site.ec2[HOME].terminate_instances(InstanceIds=["i-app"])
    _, made = site.restore("i-app", "--new-instance")
    assert "snapwarden:about" not in own and site.likeness(made) == original


def test_the_home_region_is_lost_and_what_the_tags_hold_is_not_read_again(calm):
    originals = likeness(calm, HOME, "blog"), calm.likeness("i-full")
    calm.forget()
    calm.store.asked.clear()
    calm.store.answer, calm.aws = lambda asked: None, Outage(calm.sandbox)
    [said], [more, made] = calm.restore("blog", region=DR), calm.restore("full", "--new-instance", region=DR)
    calm.restore("plain", "--new-instance", region=DR)
    assert (likeness(calm, DR, "blog"), calm.likeness(made, DR)) == originals and calm.store.bucket not in said + more
    cut = [key for key, record in calm.records().items() if record["resource"] in ("i-full", BLOG["uuid"])]
    assert {(a.method, a.path) for a in calm.store.asked} == {("GET", f"/{calm.store.bucket}/{key}") for key in cut}


@pytest.mark.parametrize("what", NOT_READ)
def test_what_cannot_be_read_is_said_and_the_tags_are_taken(calm, what):
    calm.forget()
    calm.store.answer, calm.aws = lambda asked: NOT_READ[what], calm.door
    said, made = calm.restore("i-full", "--as", f"full {what}", "--new-instance")
    [key] = [key for key, record in calm.records().items() if record["resource"] == "i-full"]
    (_, full, own), (_, found, less) = calm.likeness("i-full"), calm.likeness(made)
    assert f"s3://{calm.store.bucket}/{key}" in said and found == full and 1 < len(less) < len(own)


@pytest.mark.parametrize("status, code", [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed")])
def test_a_redirect_is_followed_and_remembered(start, status, code):
    site, reply = start(CUT), error(status, code, **{"x-amz-bucket-region": ELSEWHERE})
    site.store.answer = lambda asked: None if asked.region == ELSEWHERE else reply
    assert site.run_once() == [] and site.store.objects() == site.records()
    assert [asked.region for asked in site.store.asked] == [DR, ELSEWHERE, ELSEWHERE]
    site.forget()
    assert site.store.bucket not in site.restore("blog", "--as", "new")[0]
    assert likeness(site, HOME, "new") == likeness(site, HOME, "blog")
    assert [(asked.method, asked.region) for asked in site.store.asked[3:5]] == [("GET", DR), ("GET", ELSEWHERE)]
    check_signature(site.store.asked[-1])


@pytest.mark.parametrize("text", [*BUCKETS, *(f"s3://bucket/{prefix}" for prefix in PREFIXES)])
def test_refused(tmp_path, text):
    program = Installation(tmp_path, None, f"fleet: a\nsidecar: {json.dumps(text, ensure_ascii=False)}\n")
    assert re.match(rf"{re.escape(str(program.config))}:2:1[01]: .*sidecar", program.run("check", code=10).stderr)


@pytest.mark.parametrize("place", ["abc", "b" * 63, "my.bucket-1", "abc/a", "abc/A-Z_0.9/..x/a...b"])
def test_rights(tmp_path, place):
    program = Installation(tmp_path, None, CONFIG.format(sidecar=f"sidecar: s3://{place}", tags="{}"))
    rights = lambda *options: {
        (action, on) for s in json.loads(program.run("iam-policy", *options).stdout)["Statement"]
        for action in listed(s["Action"]) for on in listed(s["Resource"]) if action.startswith(("s3:", "*"))}
    objects, bucket = f"arn:aws:s3:::{place}/acme/*", f"arn:aws:s3:::{place.split('/')[0]}"
    assert rights() == {("s3:PutObject", objects)}
    assert rights("--restore") == {("s3:GetObject", objects), ("s3:ListBucket", bucket)}
