#!/usr/bin/env python3
"""Writes retry-codes.json: which error codes botocore's standard mode repeats, and what its budget of repeats costs.

Run it with the botocore of Tests/EndToEnd/requirements.txt:

    .build/venv/bin/python Tests/AWSTests/Fixtures/make-retry-codes.py
"""

import json
import pathlib

import botocore
from botocore.retries import bucket, quota, standard


class Spending:
    """Writes down what a RetryQuotaChecker takes and gives back."""

    def __init__(self):
        self.taken, self.given = [], []

    def acquire(self, amount):
        self.taken.append(amount)
        return True

    def release(self, amount):
        self.given.append(amount)


def costs():
    spending = Spending()
    checker = standard.RetryQuotaChecker(spending)
    timeout = standard.ReadTimeoutError(endpoint_url="x", error="x")
    contexts = [standard.RetryContext(attempt_number=1, http_response=object()) for _ in range(2)]
    contexts[1].caught_exception = timeout
    for context in contexts:
        assert checker.acquire_retry_quota(context)

    class Reply:
        status_code = 200

    checker.release_retry_quota({}, Reply)
    checker.release_retry_quota(contexts[1].request_context, Reply)
    Reply.status_code = 400
    checker.release_retry_quota({}, Reply)
    refund, last = spending.given
    return {
        "capacity": quota.RetryQuota.INITIAL_CAPACITY, "cost": spending.taken[0], "timeout": spending.taken[1],
        "refund": refund, "refundAfterTimeout": last,
    }


fixture = {
    "botocore": botocore.__version__,
    "throttled": sorted(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES),
    "transient": sorted(standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES),
    "statuses": standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES,
    "slowest": bucket.TokenBucket._MIN_RATE,
    "quota": costs(),
}
path = pathlib.Path(__file__).with_name("retry-codes.json")
path.write_text(json.dumps(fixture, indent=1) + "\n")
