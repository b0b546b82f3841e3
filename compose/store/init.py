"""The bucket of MLflow's files and the one key that may use it. Run again it changes nothing."""

import json
import os

from minio import Minio
from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin

BUCKET = KEY = POLICY = "mlflow"
MAY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
            "Resource": [f"arn:aws:s3:::{BUCKET}"],
        },
        {
            "Effect": "Allow",
            "Action": [
                *("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
                *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
            ],
            "Resource": [f"arn:aws:s3:::{BUCKET}/*"],
        },
    ],
}


def main() -> None:
    url, password = os.environ["STORE_URL"], os.environ["STORE_ROOT_PASSWORD"]
    client = Minio(endpoint=url, access_key="quartet", secret_key=password, secure=False)
    if not client.bucket_exists(BUCKET):
        client.make_bucket(BUCKET)
    admin = MinioAdmin(endpoint=url, credentials=StaticProvider("quartet", password), secure=False)
    admin.policy_add(POLICY, policy=MAY)
    admin.user_add(KEY, os.environ["STORE_MLFLOW_KEY"])
    if POLICY not in json.loads(admin.user_info(KEY)).get("policyName", "").split(","):
        admin.attach_policy([POLICY], user=KEY)
    print(f"The bucket {BUCKET} and its key are there.")


if __name__ == "__main__":
    main()
