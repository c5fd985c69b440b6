#!/usr/bin/env python3
"""Writes signatures.json: requests signed by botocore, which the Swift signer must sign alike.

Made with botocore 1.43.11; run it again only to add cases:  python3 make-signatures.py > signatures.json
"""

import datetime
import itertools
import json
from unittest import mock

import botocore.auth
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEYS = [
    ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None),
    ("AKIA" + "Z" * 124, "", None),
    ("ASIAEXAMPLE", "se/cret+with=odd~signs", "FwoGZXIvYXdzEBYaDH/+=token//with=odd+signs"),
]
DATES = [(2015, 8, 30, 12, 36, 0), (2026, 2, 28, 23, 59, 59), (2028, 2, 29, 0, 0, 0)]
FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/x-amz-json-1.1"


def ec2(body):
    return dict(method="POST", path="/", query="", headers={"Content-Type": FORM}, body=body, service="ec2")


def lightsail(operation, body):
    headers = {"Content-Type": JSON, "X-Amz-Target": f"Lightsail_20161128.{operation}"}
    return dict(method="POST", path="/", query="", headers=headers, body=body, service="lightsail")


def get(path, query="", headers=None, service="ec2"):
    return dict(method="GET", path=path, query=query, headers=headers or {}, body="", service=service)


REQUESTS = {
    "DescribeSnapshots": ec2("Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&MaxResults=1000"),
    "CreateSnapshots": ec2(
        "Action=CreateSnapshots&Version=2016-11-15&InstanceSpecification.InstanceId=i-0123456789abcdef0"
        "&TagSpecification.1.ResourceType=snapshot&TagSpecification.1.Tag.1.Key=snapwarden%3Afleet"
        "&TagSpecification.1.Tag.1.Value=acme"
    ),
    "tags with odd signs": ec2("Action=CreateTags&Version=2016-11-15&Tag.1.Value=%20%2B%3D.%5F%3A%2F%40~*%27%28%29%21"),
    "umlauts and beyond the BMP": ec2("Action=CreateTags&Tag.1.Value=Gr%C3%BC%C3%9Fe%20%F0%9F%92%BE"),
    "raw UTF-8 body": ec2("Action=CreateTags&Tag.1.Value=Grüße 💾"),
    "empty form body": ec2(""),
    "long body": ec2("Action=DescribeSnapshots&" + "&".join(f"SnapshotId.{n}=snap-{n:017x}" for n in range(1, 201))),
    "GetInstances": lightsail("GetInstances", "{}"),
    "CreateInstanceSnapshot": lightsail(
        "CreateInstanceSnapshot",
        '{"instanceName":"wordpress-1","instanceSnapshotName":"acme--web--eu","tags":[{"key":"a:b","value":"ü \\"q\\""}]}',
    ),
    "GetCallerIdentity": dict(ec2("Action=GetCallerIdentity&Version=2011-06-15"), service="sts"),
    "get root": get("/"),
    "get with ordered query": get("/", "Param1=value1&Param2=value2"),
    "get with unordered query": get("/", "Param2=value2&Param1=value1&Param1=value0"),
    "get with encoded query": get("/", "a=%20%2F%3D%26&b=%C3%A4&-._~=-._~"),
    "get with an empty value": get("/", "flag=&other=1"),
    "header with blanks": get("/", headers={"My-Header1": "  a   b    c  ", "X-Amz-Meta-B": '"x   y"'}),
    "headers out of order": get("/", headers={"Zebra": "z", "Alpha": "a", "mIxEd": "m"}),
    "repeated header": get("/", headers=[("My-Header1", "b"), ("my-header1", "a"), ("MY-HEADER1", "b")]),
    "header of tabs": get("/", headers={"My-Header1": "\ta\t b \t"}),
    "empty header": get("/", headers={"X-Amz-Empty": "", "X-Amz-Blank": "   "}),
    "header with a comma and a colon": get("/", headers={"X-Amz-Meta": "a:b, c:d"}),
    "flag without a value": get("/", "flag=&Flag=&a.b=1&a-b=2&a_b=3&a~b=4"),
    "same name, many values": get("/", "&".join(f"v={value}" for value in ("b", "a", "B", "%C3%A4", "10", "9", ""))),
    "long query": get("/", "&".join(f"Filter.{n}.Value=v{n}" for n in range(1, 60))),
    "empty post": dict(ec2(""), headers={}),
    "post with a query": dict(ec2("Action=DescribeVolumes"), query="b=2&a=1"),
    "put": dict(ec2("{}"), method="PUT", path="/key", service="kms"),
    "delete": dict(get("/a/b"), method="DELETE"),
    "binary-looking body": ec2("".join(chr(n) for n in range(1, 128))),
    "body with line ends": ec2("a=1\r\nb=2\n"),
    "kilobytes of umlauts": ec2("Tag.1.Value=" + "ü" * 400),
    "DescribeKey": dict(
        lightsail("x", '{"KeyId":"alias/dr"}'), headers={"Content-Type": JSON, "X-Amz-Target": "TrentService.DescribeKey"},
        service="kms"),
    "AssumeRole": dict(
        ec2("Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fsnapwarden"),
        service="sts"),
}
PATHS = [
    "/a", "/a/", "/a/b", "//", "///a", "/a//b", "/a//b//", "/.", "/./", "/a/.", "/a/./b", "/..", "/../a", "/a/..",
    "/a/../", "/a/b/../..", "/a/b/../../c", "/a b", "/a+b", "/a%20b", "/a%2Fb", "/ü", "/ሴ", "/💾/x", "/a=b&c", "/(x)*!'",
    "/-._~", "/@:$,;", "/a..b", "/...",
]
REQUESTS |= {f"path {path}": get(path) for path in PATHS}


def pairs(request):
    headers = request["headers"]
    return list(headers.items()) if isinstance(headers, dict) else headers


def sign(auth_type, request, keys, date, region, authority):
    moment = datetime.datetime(*date)
    url = f"https://{authority}{request['path']}" + (f"?{request['query']}" if request["query"] else "")
    aws = AWSRequest(method=request["method"], url=url, data=request["body"].encode("utf-8"))
    for name, value in pairs(request):
        aws.headers.add_header(name, value)
    auth = auth_type(Credentials(*keys), request["service"], region)
    clock = "get_current_datetime" if hasattr(botocore.auth, "get_current_datetime") else "datetime"
    with mock.patch.object(botocore.auth, clock) as fake:
        fake.return_value = moment
        auth.add_auth(aws)
    return aws


def vector(name, request, keys, date, region, authority):
    aws = sign(SigV4Auth, request, keys, date, region, authority)
    return {
        "name": name, "method": request["method"], "authority": authority, "path": request["path"],
        "query": request["query"], "headers": [{"name": k, "value": v} for k, v in pairs(request)],
        "body": request["body"], "accessKeyID": keys[0], "secret": keys[1], "sessionToken": keys[2],
        "region": region, "service": request["service"],
        "date": "%04d%02d%02dT%02d%02d%02dZ" % date, "authorization": aws.headers["Authorization"],
    }


def presigned(name, query, keys, date, region, authority):
    request = get("/", query)
    aws = sign(SigV4QueryAuth, request, keys, date, region, authority)
    return {
        "name": name, "authority": authority, "query": query, "accessKeyID": keys[0], "secret": keys[1],
        "sessionToken": keys[2], "region": region, "service": "ec2",
        "date": "%04d%02d%02dT%02d%02d%02dZ" % date, "signature": aws.url.rsplit("X-Amz-Signature=", 1)[1],
    }


def main():
    headers, urls = [], []
    regions = ["us-east-1", "eu-central-1", "cn-north-1"]
    for (name, request), keys, (index, date) in itertools.product(REQUESTS.items(), KEYS, enumerate(DATES)):
        region = regions[index]
        authority = "127.0.0.1:5999" if index == 1 else f"{request['service']}.{region}.amazonaws.com"
        temporary = "temporary" if keys[2] else "lasting" if keys[1] else "odd"
        headers.append(vector(f"{name}, {temporary} keys, {region}", request, keys, date, region, authority))
    copy = "Action=CopySnapshot&Version=2016-11-15&SourceRegion=eu-west-1&SourceSnapshotId=snap-0123456789abcdef0"
    queries = {
        "copy": copy + "&DestinationRegion=eu-central-1", "with blanks": copy + "&Description=a%20b%2Bc%2Fd",
        "of China": copy.replace("eu-west-1", "cn-north-1") + "&DestinationRegion=cn-northwest-1",
        "with a key": copy + "&KmsKeyId=arn%3Aaws%3Akms%3Aeu-central-1%3A111122223333%3Akey%2F1234abcd&Encrypted=true",
        "umlauts": copy + "&Description=Gr%C3%BC%C3%9Fe%20%F0%9F%92%BE", "empty value": copy + "&Description=",
        "upper and lower case": copy + "&a=1&A=2&Z=3&z=4", "nothing else": "Action=CopySnapshot",
    }
    for (name, query), keys, date in itertools.product(queries.items(), KEYS, DATES):
        urls.append(presigned(name, query, keys, date, "eu-west-1", "ec2.eu-west-1.amazonaws.com"))
    print(json.dumps({"headers": headers, "presigned": urls}, indent=1, ensure_ascii=False))


main()
