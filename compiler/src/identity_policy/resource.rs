//! What IAM takes as a resource.

/// The partitions that there are.
const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

/// How the last part of an ARN of IAM itself may begin.
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// Whether a resource is one, and why not. Parts that are missing at the end stand for anything.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, rest @ ..] = parts.as_slice() else {
        return Err(format!("`{text}` is neither an ARN nor `*`"));
    };
    if !partition.contains(['*', '?']) && !PARTITIONS.contains(partition) {
        return Err(format!("there is no partition `{partition}`"));
    }
    let Some(service) = rest.first().filter(|service| !service.is_empty()) else {
        return Err(format!("`{text}` names no service"));
    };
    // `*` alone is the whole of what follows, and so is every other part that is missing.
    if service.contains(['*', '?']) {
        return Err(format!("the service of `{text}` is a pattern"));
    }
    if parts.len() < 6 && text.contains("::") {
        return Err(format!("`{text}` lacks parts: an ARN has six"));
    }
    let region = rest.get(1).copied().unwrap_or_default();
    if !region.is_empty() && matches!(*service, "iam" | "s3") {
        return Err(format!("ARNs of `{service}` name no region: `{text}`"));
    }
    if *service == "iam" {
        let path = rest.get(3).copied().unwrap_or_default();
        if path != "*" && !IAM_PATHS.iter().any(|start| path.starts_with(start)) {
            return Err(format!(
                "`{path}` is nothing of IAM: begin with `user/`, `role/` or the like"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_judged_part_by_part() {
        for good in [
            "*",
            "arn:aws:s3:::bucket/${aws:username}/*",
            "arn:aws:execute-api:*:*:abc/*",
            "arn:aws-cn:execute-api",
            "arn:aws:sqs:eu-west-1",
            "arn:*:kms:*:111122223333:key/*",
            "arn:aws:iam::*:role/x",
            "arn:aws:iam::111122223333:*",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", "neither an ARN"),
            ("bucket", "neither an ARN"),
            ("arn:b:s3:::bucket", "no partition `b`"),
            ("arn:aws", "names no service"),
            ("arn:aws:s*:::bucket", "is a pattern"),
            ("arn:aws:s3::bucket", "lacks parts"),
            ("arn:aws:s3:eu-west-1::bucket", "name no region"),
            ("arn:aws:iam:eu-west-1::role/x", "name no region"),
            ("arn:aws:iam::111122223333:bucket", "nothing of IAM"),
        ] {
            let found = check(bad).unwrap_err();
            assert!(found.contains(why), "{bad}: {found}");
        }
    }
}
