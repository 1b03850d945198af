//! Types: what can be compared, joined and named.

use tollgate_model::condition::Type;

/// The type without "or null".
pub(super) fn base(ty: &Type) -> &Type {
    match ty {
        Type::Optional(ty) => base(ty),
        ty => ty,
    }
}

pub(super) fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Uint | Type::Double)
}

/// Whether values of two types can be equal.
pub(super) fn comparable(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::Null, right) => matches!(right, Type::Null | Type::Optional(_)),
        (left, Type::Null) => matches!(left, Type::Optional(_)),
        (left, right) => match (base(left), base(right)) {
            (Type::Dynamic, _) | (_, Type::Dynamic) => true,
            (left, right) if is_number(left) && is_number(right) => true,
            // Empty ones are equal, whatever they could hold.
            (Type::List(_), Type::List(_)) | (Type::Maybe(_), Type::Maybe(_)) => true,
            (Type::Entries(..) | Type::Map(_), Type::Entries(..) | Type::Map(_)) => true,
            (left, right) => left == right,
        },
    }
}

/// A type that holds all of these.
pub(super) fn join<'t>(mut types: impl Iterator<Item = &'t Type>) -> Type {
    let Some(first) = types.next() else {
        return Type::Dynamic;
    };
    types.fold(first.clone(), |joined, ty| match (joined, ty) {
        (joined, ty) if joined == *ty => joined,
        (Type::Null, Type::Optional(ty)) => Type::Optional(ty.clone()),
        (Type::Null, ty) => Type::Optional(Box::new(ty.clone())),
        (joined @ Type::Optional(_), Type::Null) => joined,
        (joined, Type::Null) => Type::Optional(Box::new(joined)),
        _ => Type::Dynamic,
    })
}

/// A type for people.
pub(super) fn name(ty: &Type) -> String {
    match ty {
        Type::Null => "`null`".to_owned(),
        Type::Bool => "true or false".to_owned(),
        Type::Int | Type::Uint | Type::Double => "a number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::TypeName => "a type".to_owned(),
        Type::Ip => "an address".to_owned(),
        Type::Cidrs => "address ranges".to_owned(),
        Type::Time => "a moment".to_owned(),
        Type::Duration => "a duration".to_owned(),
        Type::List(of) if **of == Type::Dynamic => "a list".to_owned(),
        Type::List(of) => format!("a list of {}", name(of)),
        Type::Map(_) | Type::Entries(..) => "a map".to_owned(),
        Type::Optional(ty) => name(ty),
        Type::Maybe(_) => "an optional".to_owned(),
        Type::Dynamic => "anything".to_owned(),
    }
}
