"""A server on loopback that answers DescribeSnapshots page by page, as EC2 writes it, from texts made beforehand."""

import datetime
import hashlib
import http.server
import sys
import urllib.parse

SNAPSHOT = """        <item>
            <snapshotId>snap-{id}</snapshotId>
            <volumeId>vol-{volume}</volumeId>
            <status>completed</status>
            <startTime>{taken}</startTime>
            <completionTime>{taken}</completionTime>
            <progress>100%</progress>
            <ownerId>123456789012</ownerId>
            <volumeSize>100</volumeSize>
            <description>snapwarden acme/nightly/i-{instance}/{slot}</description>
            <tagSet>
{tags}            </tagSet>
            <encrypted>true</encrypted>
            <kmsKeyId>arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab</kmsKeyId>
            <storageTier>standard</storageTier>
            <transferType>standard</transferType>
            <fullSnapshotSizeInBytes>10737418240</fullSnapshotSizeInBytes>
        </item>
"""
TAG = """                <item>
                    <key>{key}</key>
                    <value>{value}</value>
                </item>
"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
    <snapshotSet>
{items}    </snapshotSet>
{token}</DescribeSnapshotsResponse>
"""
EMPTY = """<?xml version="1.0" encoding="UTF-8"?>
<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><{set}/></{action}Response>
"""
VOLUMES = 1000
VOLUMES_OF_AN_INSTANCE = 2


def hexadecimal(*parts):
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()


def snapshot(number):
    """The newest of all volumes first, then those of the day before, as EC2 need not sort them."""
    day, volume = divmod(number, VOLUMES)
    slot = datetime.datetime(2026, 11, 20, 1) - datetime.timedelta(days=day)
    text = slot.strftime("%Y-%m-%dT%H:%M:%SZ")
    taken = (slot + datetime.timedelta(seconds=volume // VOLUMES_OF_AN_INSTANCE)).strftime("%Y-%m-%dT%H:%M:%S.123Z")
    instance = hexadecimal("i", volume // VOLUMES_OF_AN_INSTANCE)[:17]
    the_set = hexadecimal("set", day, instance)[:32]
    tags = {
        "snapwarden:fleet": "acme", "snapwarden:policy": "nightly", "snapwarden:resource": f"i-{instance}",
        "snapwarden:slot": text, "snapwarden:kind": "scheduled", "snapwarden:set": the_set,
        "snapwarden:members": str(VOLUMES_OF_AN_INSTANCE), "snapwarden:device": f"/dev/sd{'af'[volume % 2]}", "Name": f"nightly web-{volume} {text}",
        "snapwarden:copied-eu-west-1": "usable",
    }
    return SNAPSHOT.format(
        id=hexadecimal("snap", number)[:17], volume=hexadecimal("vol", volume)[:17], instance=instance, slot=text,
        taken=taken, tags="".join(TAG.format(key=key, value=value) for key, value in tags.items()))


def pages(snapshots):
    made = []
    for start in range(0, snapshots, 1000):
        items = "".join(snapshot(number) for number in range(start, min(start + 1000, snapshots)))
        last = start + 1000 >= snapshots
        token = "" if last else f"    <nextToken>{len(made) + 1}</nextToken>\n"
        made.append(PAGE.format(items=items, token=token).encode())
    return made


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        asked = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        action = asked["Action"][0]
        # Nothing is being made here: what is pending or failed is asked for apart.
        if action == "DescribeSnapshots" and asked.get("Filter.1.Name") != ["status"]:
            content = self.server.pages[int(asked.get("NextToken", ["0"])[0])]
        else:
            name = "imagesSet" if action == "DescribeImages" else "snapshotSet"
            content = EMPTY.format(action=action, set=name).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.pages = pages(int(sys.argv[1]))
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
