"""A proxy before the sandbox that keeps every request, read back by the models of AWS's own SDK."""

import contextlib
import functools
import http.client
import http.server
import json
import re
import threading
import urllib.parse

import botocore.session
from botocore.validate import ParamValidator


class Misuse(Exception):
    """A request that AWS's model of the operation does not allow."""


class Call:
    """One request: its service, operation and region, and its parameters as boto3 names them."""

    def __init__(self, headers, body):
        scope = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request", headers.get("authorization", ""))
        if not scope:
            raise Misuse(f"the request is not signed: {headers}")
        self.region, self.service = scope.groups()
        self.access_key = re.search(r"Credential=([^/]+)/", headers["authorization"]).group(1)
        target = headers.get("x-amz-target")
        if target:
            prefix, self.operation = target.split(".", 1)
            if prefix != model(self.service).metadata["targetPrefix"]:
                raise Misuse(f"{prefix} is no target of {self.service}")
            self.raw = json.loads(body)
        else:
            self.raw = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
            self.operation = self.raw.pop("Action")
            version = self.raw.pop("Version")
            if version != model(self.service).metadata["apiVersion"]:
                raise Misuse(f"{self.service} has no version {version}")
        self.parameters = parsed(self.service, self.operation, self.raw, is_json=bool(target))
        self.world = None

    def __repr__(self):
        return f"{self.service}:{self.operation} in {self.region}: {self.parameters}"


@functools.cache
def model(service):
    return botocore.session.get_session().get_service_model(service)


def parsed(service, operation, raw, is_json):
    """The parameters as boto3 would take them; raises Misuse for what is unknown, missing or not valid."""
    known = model(service)
    if operation not in known.operation_names:
        raise Misuse(f"{service} has no {operation}")
    shape = known.operation_model(operation).input_shape
    if shape is None:
        if raw:
            raise Misuse(f"{operation} takes no parameters: {sorted(raw)}")
        return {}
    value = raw if is_json else from_tree(shape, tree(raw), operation, known.metadata["protocol"])
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        raise Misuse(f"{operation}: {report.generate_report()}")
    check(shape, value, operation)
    return value


def tree(raw):
    root = {}
    for name, value in raw.items():
        node = root
        *path, last = name.split(".")
        for part in path:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise Misuse(f"{name} is within a value")
        if last in node:
            raise Misuse(f"{name} is there twice")
        node[last] = value
    return root


def wire_name(member, shape, protocol):
    serialization = shape.serialization
    if protocol == "ec2":
        if "queryName" in serialization:
            return serialization["queryName"]
        name = serialization.get("name", member)
        return name[0].upper() + name[1:]
    return serialization.get("name", member)


def from_tree(shape, node, where, protocol):
    """The Query protocol, read backwards (botocore's EC2Serializer and QuerySerializer)."""
    if shape.type_name == "structure":
        if not isinstance(node, dict):
            raise Misuse(f"{where} is a structure")
        names = {wire_name(member, inner, protocol): (member, inner) for member, inner in shape.members.items()}
        unknown = set(node) - set(names)
        if unknown:
            raise Misuse(f"{where} has no {sorted(unknown)}")
        return {names[n][0]: from_tree(names[n][1], inner, f"{where}.{n}", protocol) for n, inner in node.items()}
    if shape.type_name == "list":
        if protocol == "query" and not shape.serialization.get("flattened"):
            if set(node) != {"member"}:
                raise Misuse(f"{where} is a list of members")
            node = node["member"]
        if sorted(node, key=int) != [str(n + 1) for n in range(len(node))]:
            raise Misuse(f"{where} is not counted from 1: {sorted(node)}")
        return [from_tree(shape.member, node[n], f"{where}.{n}", protocol) for n in sorted(node, key=int)]
    if not isinstance(node, str):
        raise Misuse(f"{where} is a single value")
    if shape.type_name == "boolean":
        if node not in ("true", "false"):
            raise Misuse(f"{where} is {node!r}, not true or false")
        return node == "true"
    if shape.type_name in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", node):
            raise Misuse(f"{where} is {node!r}, not a number")
        return int(node)
    return node


def check(shape, value, where):
    """What botocore's own validator leaves to the server: unknown members, enumerations, patterns, upper bounds."""
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        if unknown:
            raise Misuse(f"{where} has no {sorted(unknown)}")
        for member, inner in value.items():
            check(shape.members[member], inner, f"{where}.{member}")
        return
    size = value if isinstance(value, (int, float)) else len(value)
    if "max" in shape.metadata and size > shape.metadata["max"]:
        raise Misuse(f"{where} exceeds {shape.metadata['max']}: {value!r}")
    if shape.type_name == "list":
        for index, inner in enumerate(value):
            check(shape.member, inner, f"{where}.{index}")
    if shape.type_name == "string":
        if getattr(shape, "enum", []) and value not in shape.enum:
            raise Misuse(f"{where} is {value!r}, none of {shape.enum}")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            raise Misuse(f"{where} is {value!r}, not {pattern}")


class Recorder:
    """An endpoint that hands on to a sandbox and keeps the calls; `before`, if set, sees each call beforehand."""

    def __init__(self, sandbox):
        self.sandbox, self.calls, self.misuses, self.before = sandbox, [], [], None
        self.lock = threading.Lock()
        self.connections = 0
        host = urllib.parse.urlsplit(sandbox.url).netloc
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                with recorder.lock:
                    recorder.connections += 1

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                recorder.keep({k.lower(): v for k, v in self.headers.items()}, body)
                with contextlib.closing(http.client.HTTPConnection(host, timeout=30)) as upstream:
                    upstream.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        upstream.putheader(name, value)
                    upstream.endheaders(body)
                    try:
                        reply = upstream.getresponse()
                        content = reply.read()
                    except http.client.RemoteDisconnected:
                        self.close_connection = True
                        return
                self.send_response_only(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keep(self, headers, body):
        if "authorization" not in headers:  # a probe that no operation answers
            return
        try:
            call = Call(headers, body)
        except Misuse as misuse:
            self.misuses.append(str(misuse))
            return
        if self.before:
            self.before(call)
        self.calls.append(call)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
