"""The program talks to nobody whose certificate is not good, and says what is wrong with it."""

import os
import ssl
import subprocess

import pytest
from key_recorder import Recorder, key_for
from support import FAKETIME, SNAPWARDEN

CONFIG = """
fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { cron: "0 2 * * *" }
"""
HERE = "subjectAltName = IP:127.0.0.1, DNS:localhost"
AUTHORITY = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign"
SERVER = "basicConstraints = CA:FALSE\nkeyUsage = digitalSignature\nextendedKeyUsage = serverAuth"


class Authority:
    """Certificates made by openssl, each by its name."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name, kind="pem"):
        return self.folder / f"{name}.{kind}"

    def make(self, name, extensions, by=None, starting="-1 days", days=30):
        """A certificate, signed by another of that name or by itself, valid so many days from that time on."""
        self.path(name, "ext").write_text(extensions)
        key = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path(name, "key")]
        subprocess.run(key, check=True, capture_output=True)
        subprocess.run(
            ["openssl", "req", "-new", "-key", self.path(name, "key"), "-subj", f"/CN={name}", "-out",
             self.path(name, "csr")], check=True, capture_output=True)
        signer = by or name
        sign = ["-signkey", self.path(name, "key")]
        if by:
            sign = ["-CA", self.path(signer), "-CAkey", self.path(signer, "key"), "-CAcreateserial"]
        clock = {"LD_PRELOAD": FAKETIME, "FAKETIME": starting}
        subprocess.run(
            ["openssl", "x509", "-req", "-in", self.path(name, "csr"), *sign, "-days", str(days), "-extfile",
             self.path(name, "ext"), "-out", self.path(name)], check=True, capture_output=True, env=os.environ | clock)

    def server(self, *names):
        """A TLS server's side: the first one's key, and these certificates in this order."""
        chain = self.folder / "chain.pem"
        chain.write_text("".join(self.path(name).read_text() for name in names))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, self.path(names[0], "key"))
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Authority(tmp_path_factory.mktemp("tls"))
    made.make("root", AUTHORITY)
    made.make("stranger", AUTHORITY)
    made.make("middle", AUTHORITY, by="root")
    made.make("no-authority", "basicConstraints = critical, CA:FALSE", by="root")
    made.make("last-one", AUTHORITY.replace("CA:TRUE", "CA:TRUE, pathlen:0"), by="root")
    made.make("below-the-last", AUTHORITY, by="last-one")
    made.make("elsewhere", AUTHORITY + "\nnameConstraints = permitted;DNS:example.com", by="root")
    made.make("ended-middle", AUTHORITY, by="root", starting="-40 days")
    made.make("good", f"{SERVER}\n{HERE}", by="root")
    made.make("good-by-middle", f"{SERVER}\n{HERE}", by="middle")
    made.make("wrong-host", f"{SERVER}\nsubjectAltName = DNS:ec2.us-east-1.amazonaws.com", by="root")
    made.make("no-name", SERVER, by="root")
    made.make("expired", f"{SERVER}\n{HERE}", by="root", starting="-40 days")
    made.make("early", f"{SERVER}\n{HERE}", by="root", starting="+40 days")
    made.make("strange", f"{SERVER}\n{HERE}", by="stranger")
    made.make("itself", f"{SERVER}\n{HERE}")
    made.make("client", f"{SERVER.replace('serverAuth', 'clientAuth')}\n{HERE}", by="root")
    for signer in ("no-authority", "below-the-last", "elsewhere", "ended-middle"):
        made.make(f"by-{signer}", f"{SERVER}\n{HERE}", by=signer)
    return made


def run(folder, recorder, bundle=None, **more):
    (folder / "snapwarden.yaml").write_text(CONFIG)
    env = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_PROXY": "*", "LIBDISPATCH_LOG": "NO",
        "AWS_ENDPOINT_URL": recorder.url, "AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "secret", **more}
    if bundle:
        env["AWS_CA_BUNDLE"] = str(bundle)
    return subprocess.run(
        [SNAPWARDEN, "--config", folder / "snapwarden.yaml", "--state-dir", folder / "state", "list"], env=env,
        capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("chain", [["good"], ["good-by-middle", "middle"]])
def test_a_good_chain_is_trusted_by_the_bundle(tmp_path, authority, chain):
    with Recorder(authority.server(*chain)) as recorder:
        done = run(tmp_path, recorder, authority.path("root"))
    assert done.returncode == 0, done.stderr
    assert recorder.keys == ["KEY"]


STRANGER = "nobody whom this machine trusts vouches for it: install ca-certificates, or name the certificates of your own"
FORGED = "one of those who vouch for it had no right to: do not trust this server"


@pytest.mark.parametrize("chain, bundle, words, remedy", [
    (["wrong-host"], "root", "no alternative certificate subject name matches target host name '127.0.0.1'",
     "something else answers in the place of AWS"),
    (["no-name"], "root", "does not match target host name '127.0.0.1'", "something else answers in the place of AWS"),
    (["expired"], "root", "certificate has expired", "the server's owner must renew it, unless this machine's clock is"),
    (["early"], "root", "certificate is not yet valid", "this machine's clock may be wrong"),
    (["good"], None, "unable to get local issuer certificate", STRANGER),
    (["strange"], "root", "unable to get local issuer certificate", STRANGER),
    (["strange", "stranger"], "root", "self-signed certificate in certificate chain", STRANGER),
    (["itself"], "root", "self-signed certificate", STRANGER),
    (["good-by-middle"], "root", "unable to get local issuer certificate", STRANGER),
    (["by-no-authority", "no-authority"], "root", "invalid CA certificate", FORGED),
    (["by-below-the-last", "below-the-last", "last-one"], "root", "path length constraint exceeded", FORGED),
    (["by-elsewhere", "elsewhere"], "root", "permitted subtree violation", FORGED),
    (["by-ended-middle", "ended-middle"], "root", "certificate has expired", "the server's owner must renew it"),
    (["client"], "root", "certificate purpose", FORGED),
], ids=lambda value: "+".join(value) if isinstance(value, list) else None)
def test_a_bad_chain_is_refused_and_nothing_is_sent(tmp_path, authority, chain, bundle, words, remedy):
    with Recorder(authority.server(*chain)) as recorder:
        done = run(tmp_path, recorder, bundle and authority.path(bundle))
        url = recorder.url
    assert done.returncode != 0 and not recorder.seen
    assert f"CertificateRefused: {url}/: " in done.stderr, done.stderr
    assert words in done.stderr and remedy in done.stderr, done.stderr


def test_a_bundle_that_is_not_there(tmp_path, authority):
    with Recorder(authority.server("good")) as recorder:
        done = run(tmp_path, recorder, "/nowhere/bundle.pem")
    assert done.returncode != 0 and not recorder.seen
    assert "/nowhere/bundle.pem" in done.stderr and "AWS_CA_BUNDLE must name a file" in done.stderr, done.stderr


def test_credentials_come_over_checked_tls_too(tmp_path, authority):
    """A container's endpoint may be anywhere if it has TLS: then its certificate counts."""
    container = {
        "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-token"}
    for chain, key in (["good"], key_for("container")), (["expired"], None):
        with Recorder(authority.server(*chain)) as recorder:
            done = run(
                tmp_path, recorder, authority.path("root"),
                AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{recorder.url}/container", **container)
        assert recorder.keys == ([key] if key else []), done.stderr
        assert bool(recorder.seen) == bool(key)
    assert "the container's credentials" in done.stderr and "certificate has expired" in done.stderr


def test_old_tls_is_refused(tmp_path, authority):
    server = authority.server("good")
    server.minimum_version, server.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    server.set_ciphers("ALL:@SECLEVEL=0")
    with Recorder(server) as recorder:
        done = run(tmp_path, recorder, authority.path("root"))
    assert done.returncode != 0 and not recorder.seen and "TLSFailure" in done.stderr, done.stderr
