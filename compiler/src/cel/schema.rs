//! What a condition may read of a request.

use tollgate_model::condition::Type;

/// A field that is always named so.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) ty: fn() -> Type,
    pub(crate) doc: &'static str,
}

fn text() -> Type {
    Type::Text
}

fn maybe_text() -> Type {
    Type::Optional(Box::new(Type::Text))
}

fn texts() -> Type {
    Type::Map(Box::new(Type::Text))
}

fn claims() -> Type {
    Type::Map(Box::new(Type::Dynamic))
}

/// The fields, in the order of the documentation.
pub(crate) static FIELDS: &[Field] = &[
    Field {
        name: "source.ip",
        ty: || Type::Ip,
        doc: "the caller's address",
    },
    Field {
        name: "source.vpce",
        ty: maybe_text,
        doc: "the VPC endpoint, of private APIs",
    },
    Field {
        name: "source.vpc",
        ty: maybe_text,
        doc: "the VPC, of private APIs",
    },
    Field {
        name: "request.method",
        ty: text,
        doc: "the verb",
    },
    Field {
        name: "request.path",
        ty: text,
        doc: "the path without the stage, as sent",
    },
    Field {
        name: "request.headers",
        ty: texts,
        doc: "headers, their last value; names in any letter case",
    },
    Field {
        name: "request.query",
        ty: texts,
        doc: "query string parameters, decoded, their last value",
    },
    Field {
        name: "request.secure",
        ty: || Type::Bool,
        doc: "whether the request came over TLS",
    },
    Field {
        name: "stage.name",
        ty: text,
        doc: "the stage",
    },
    Field {
        name: "principal.account",
        ty: maybe_text,
        doc: "the caller's account, where IAM knows it",
    },
    Field {
        name: "principal.arn",
        ty: maybe_text,
        doc: "the caller's ARN, where IAM knows it",
    },
    Field {
        name: "principal.type",
        ty: maybe_text,
        doc: "`User`, `AssumedRole`, …, where IAM knows it",
    },
    Field {
        name: "principal.org",
        ty: maybe_text,
        doc: "the caller's organisation, where it has one",
    },
    Field {
        name: "principal.userid",
        ty: maybe_text,
        doc: "the caller's unique id, where IAM knows it",
    },
    Field {
        name: "principal.tags",
        ty: texts,
        doc: "the tags of the caller",
    },
    Field {
        name: "claims",
        ty: claims,
        doc: "the claims of the caller's token",
    },
    Field {
        name: "now",
        ty: || Type::Time,
        doc: "the time of the request",
    },
];

/// The field with this name.
pub(super) fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// Whether fields have names below this one.
pub(super) fn is_root(name: &str) -> bool {
    FIELDS.iter().any(|field| {
        field
            .name
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}
