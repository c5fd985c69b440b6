"""Prints how many signatures a second botocore makes of the request that SigningBenchmark.swift signs."""

import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 2000
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
BODY = "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&MaxResults=1000&NextToken=abc"


def seconds():
    """Of signing alone: the requests are made beforehand."""
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "ec2", "us-east-1")
    requests = [
        AWSRequest(method="POST", url="https://ec2.us-east-1.amazonaws.com/", data=BODY, headers=FORM)
        for _ in range(COUNT)
    ]
    start = time.process_time()
    for request in requests:
        auth.add_auth(request)
    return time.process_time() - start


print(COUNT / min(seconds() for _ in range(5)))
