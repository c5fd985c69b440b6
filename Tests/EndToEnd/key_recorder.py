"""An HTTP server that plays STS, the instance metadata service, a container's endpoint and EC2, and keeps what it saw."""

import datetime
import hashlib
import http.server
import json
import threading
import urllib.parse

IMDS_TOKEN = "IMDS-TOKEN-7c1d"
ROLES = "/latest/meta-data/iam/security-credentials/"


def in_an_hour(seconds=3600):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def key_for(*parts):
    """A key that tells where it comes from."""
    return "ASIA" + hashlib.sha256("/".join(parts).encode()).hexdigest()[:16].upper()


def nothing(action):
    """EC2's answer where there is nothing of what is asked for."""
    sets = "".join(f"<{name}Set/>" for name in ("snapshot", "reservation", "volume", "images"))
    return f"<{action}Response>{sets}</{action}Response>"


class Recorder:
    """Everything that asks it for credentials gets some; `answers` overrides: path or action → (status, text)."""

    def __init__(self, tls=None):
        self.seen, self.answers, self.life = [], {}, 3600
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                form = dict(urllib.parse.parse_qsl(body))
                call = {
                    "method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
                    "form": form, "action": form.get("Action")}
                signed = call["headers"].get("authorization", "")
                call["key"] = signed.split("Credential=")[1].split("/")[0] if "Credential=" in signed else None
                recorder.seen.append(call)
                status, text = recorder.answer(call)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = reply

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, call):
        own = self.answers.get(call["action"] or call["path"])
        if own:
            return own(call) if callable(own) else own
        if call["action"] in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            return 200, self.session(call)
        if call["action"]:
            return 200, nothing(call["action"])
        if call["path"] == "/latest/api/token":
            return (200, IMDS_TOKEN) if call["method"] == "PUT" else (405, "")
        if call["path"].startswith(ROLES):
            if call["headers"].get("x-aws-ec2-metadata-token") != IMDS_TOKEN:
                return 401, ""
            return 200, self.document("instance") if call["path"] != ROLES else "backup-role"
        if call["path"].startswith("/container"):
            return 200, self.document("container")
        return 404, ""

    def document(self, name):
        return json.dumps({
            "Code": "Success", "AccessKeyId": key_for(name), "SecretAccessKey": f"secret of {name}",
            "Token": f"token of {name}", "Expiration": in_an_hour(self.life)})

    def session(self, call):
        form = call["form"]
        base = call["key"] or f"{form.get('WebIdentityToken', '').strip()}"
        key = key_for(form["RoleArn"], form.get("ExternalId", ""), base)
        action = call["action"]
        return (
            f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s"
            f"</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{in_an_hour(self.life)}</Expiration>"
            f"</Credentials></{action}Result></{action}Response>")

    def calls(self, action):
        return [call for call in self.seen if call["action"] == action]

    @property
    def keys(self):
        """Who signed the calls to EC2, each once, in order."""
        return list(dict.fromkeys(c["key"] for c in self.seen if (c["action"] or "").startswith("Describe")))
