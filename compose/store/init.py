"""The bucket of MLflow's files, and with MinIO the one key that may use it. Run again it changes nothing."""

import json
import os

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin

ADMINISTRATOR, KEY, POLICY = "quartet", "mlflow", "mlflow"
BUCKET = os.environ.get("STORE_BUCKET", "mlflow")
ON_BUCKET = "s3:ListBucket s3:GetBucketLocation s3:ListBucketMultipartUploads".split()
ON_FILES = "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload s3:ListMultipartUploadParts".split()
MAY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ON_BUCKET, "Resource": [f"arn:aws:s3:::{BUCKET}"]},
        {"Effect": "Allow", "Action": ON_FILES, "Resource": [f"arn:aws:s3:::{BUCKET}/*"]},
    ],
}


def main() -> None:
    """Any other S3 store makes its keys itself: no password of an administrator is set for it then."""
    url, password = os.environ["STORE_URL"], os.environ.get("STORE_ROOT_PASSWORD")
    if password:
        make_bucket(url, password)
        allow_key(url, password)
    else:
        make_bucket_elsewhere(url)
    print(f"The bucket {BUCKET} and its key are there.")


def make_bucket_elsewhere(url: str) -> None:
    """Make the bucket where it is missing; what the key may not do is told with the rights that it needs."""
    try:
        make_bucket(url, None)
    except (BotoCoreError, ClientError) as error:
        key, rights = os.environ.get("AWS_ACCESS_KEY_ID", ""), json.dumps(MAY, indent=2)
        raise SystemExit(
            f"The key {key} can neither use nor make the bucket {BUCKET} at {url} ({error}). Make the bucket there, "
            f"and a key with these rights, whose secret goes into compose/secrets/store_mlflow_key:\n{rights}"
        ) from None


def make_bucket(url: str, password: str | None) -> None:
    """Make the bucket, as the administrator or with the key that boto3 finds in its own variables."""
    login = {"aws_access_key_id": ADMINISTRATOR, "aws_secret_access_key": password} if password else {}
    region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3", endpoint_url=url, region_name=region, **login)
    try:
        client.head_bucket(Bucket=BUCKET)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        # S3 refuses the name of its first region.
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=BUCKET, **place)


def allow_key(url: str, password: str) -> None:
    """Keep MLflow's key and what it may do; S3 has no call for that."""
    scheme, _, host = url.partition("://")
    credentials = StaticProvider(ADMINISTRATOR, password)
    admin = MinioAdmin(endpoint=host, credentials=credentials, secure=scheme == "https")
    admin.policy_add(POLICY, policy=MAY)
    admin.user_add(KEY, os.environ["STORE_MLFLOW_KEY"])
    if POLICY not in json.loads(admin.user_info(KEY)).get("policyName", "").split(","):
        admin.attach_policy([POLICY], user=KEY)


if __name__ == "__main__":
    main()
