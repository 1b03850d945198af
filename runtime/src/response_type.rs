//! The types of gateway response.

macro_rules! response_types {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $status:literal $message:expr, $error:literal;)+) => {
        /// The types of gateway response. The discriminant is the number in a bundle.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum ResponseType { $($(#[doc = $doc])+ $variant,)+ }

        impl ResponseType {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [ResponseType] = &[$(ResponseType::$variant),+];

            /// The reference's name: `ACCESS_DENIED`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(ResponseType::$variant => $name),+ }
            }

            /// The built-in status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(ResponseType::$variant => $status),+ }
            }

            /// The built-in message; `None` where the reference prints `null`.
            #[must_use]
            pub const fn message(self) -> Option<&'static str> {
                match self { $(ResponseType::$variant => $message),+ }
            }

            /// The built-in `x-amzn-ErrorType`.
            #[must_use]
            pub const fn error(self) -> &'static str {
                match self { $(ResponseType::$variant => $error),+ }
            }
        }
    };
}

response_types! {
    /// An authorizer or a policy denies.
    AccessDenied "ACCESS_DENIED" 403 Some("User is not authorized to access this resource"), "AccessDeniedException";
    /// The API is configured in a way that cannot work.
    ApiConfigurationError "API_CONFIGURATION_ERROR" 500 Some("Internal server error"), "InternalServerErrorException";
    /// An authorizer cannot be called or its answer cannot be read.
    AuthorizerConfigurationError "AUTHORIZER_CONFIGURATION_ERROR" 500 None, "AuthorizerConfigurationException";
    /// The key source of an authorizer fails.
    AuthorizerFailure "AUTHORIZER_FAILURE" 500 None, "AuthorizerFailureException";
    /// The body does not fit its model.
    BadRequestBody "BAD_REQUEST_BODY" 400 Some("Invalid request body"), "BadRequestException";
    /// A required parameter is missing.
    BadRequestParameters "BAD_REQUEST_PARAMETERS" 400 Some("Missing required request parameters"), "BadRequestException";
    /// Any 4xx without a type of its own.
    Default4xx "DEFAULT_4XX" 400 Some("Bad Request"), "BadRequestException";
    /// Any 5xx without a type of its own.
    Default5xx "DEFAULT_5XX" 500 Some("Internal server error"), "InternalServerErrorException";
    /// The caller's session is over.
    ExpiredToken "EXPIRED_TOKEN" 403 Some("The security token included in the request is expired"), "ExpiredTokenException";
    /// The backend cannot be reached.
    IntegrationFailure "INTEGRATION_FAILURE" 504 Some("Network error communicating with endpoint"), "InternalServerErrorException";
    /// The backend did not answer in time.
    IntegrationTimeout "INTEGRATION_TIMEOUT" 504 Some("Endpoint request timed out"), "InternalServerErrorException";
    /// The API key opens nothing here.
    InvalidApiKey "INVALID_API_KEY" 403 Some("Forbidden"), "ForbiddenException";
    /// The signature is not the request's.
    InvalidSignature "INVALID_SIGNATURE" 403 Some("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."), "InvalidSignatureException";
    /// No route, or no credentials.
    MissingAuthenticationToken "MISSING_AUTHENTICATION_TOKEN" 403 Some("Missing Authentication Token"), "MissingAuthenticationTokenException";
    /// The plan's quota is used up.
    QuotaExceeded "QUOTA_EXCEEDED" 429 Some("Limit Exceeded"), "LimitExceededException";
    /// The body is too large.
    RequestTooLarge "REQUEST_TOO_LARGE" 413 Some("HTTP content length exceeded 10485760 bytes."), "RequestTooLargeException";
    /// The resource is unknown.
    ResourceNotFound "RESOURCE_NOT_FOUND" 404 Some("Not Found"), "NotFoundException";
    /// A throttle refuses.
    Throttled "THROTTLED" 429 Some("Too Many Requests"), "TooManyRequestsException";
    /// The authorizer could not tell who calls.
    Unauthorized "UNAUTHORIZED" 401 Some("Unauthorized"), "UnauthorizedException";
    /// No template fits the body's type, and it may not be passed on.
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 Some("Unsupported Media Type"), "BadRequestException";
    /// The web ACL blocks.
    WafFiltered "WAF_FILTERED" 403 Some("Forbidden"), "ForbiddenException";
}

impl ResponseType {
    /// The type of this number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<ResponseType> {
        ResponseType::ALL.get(usize::from(number)).copied()
    }

    /// The type of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<ResponseType> {
        ResponseType::ALL.iter().copied().find(|t| t.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_lead_back() {
        for (i, t) in ResponseType::ALL.iter().enumerate() {
            assert_eq!(ResponseType::numbered(i as u8), Some(*t));
            assert_eq!(ResponseType::named(t.name()), Some(*t));
        }
        assert_eq!(ResponseType::numbered(ResponseType::ALL.len() as u8), None);
    }
}
