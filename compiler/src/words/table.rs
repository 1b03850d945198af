//! The words themselves. One row: spellings, forms, how often, whether carried out, the
//! form for people, an example that compiles in its context, the words of its block.

use super::{Context, MAP, Reach, SAY, SET, Vocabulary, Word, block, http, many, rest, words};

words! {
    /// The top level of a file. All files of a directory are one program; their order is free.
    FileWord FILE "a file" {
        /// The edition of the syntax. A later one never changes what an earlier file means.
        Edition ["edition"] SAY, once, now, "edition YEAR", "edition 2026";
        /// The dated behaviour of the reference that the program asks for.
        Behaviour ["behaviour"] SET, once, now, "behaviour: YEAR-MONTH", "behaviour: 2026-11";
        /// Takes in another gate file, or an OpenAPI document, by its name relative to this file.
        Use ["use"] SAY, many, now, "use FILE", "use \"shared/models.gate\"";
        /// A typed hole, `@{param.NAME}`: filled by the host, else by its default.
        Param ["param"] SAY, many, now, "param NAME: TYPE = DEFAULT", "param host: Url = \"http://127.0.0.1:9001\"";
        /// Whose gateway it is.
        Account ["account"] SAY, once, now, "account { … }", "account { id: \"111122223333\", region: \"eu-west-1\" }" => ACCOUNT;
        /// A REST API.
        Rest ["rest"] SAY, many, now, "rest api NAME { … }", "rest api Shop { GET / { integrate mock, respond 200 } }" => API;
        /// An HTTP API.
        Http ["http"] SAY, many, now, "http api NAME { … }", "http api Front { GET / { integrate http \"https://example.com/\" } }" => API;
        /// A WebSocket API.
        WebSocket ["websocket"] SAY, many, later, "websocket api NAME { … }", "";
        /// A stage of an API: what changes without a new deployment.
        Stage ["stage"] SAY, many, now, "stage NAME of API { … }", "stage beta of Orders { }" => STAGE;
        /// A usage plan: which stages its keys open, and how far.
        Plan ["plan"] SAY, many, now, "plan NAME { … }", "plan Free { stages: [Orders.prod], quota 1_000/month }" => PLAN;
        /// An API key of one plan, or of several.
        Key ["key"] SAY, many, now, "key NAME for PLAN { … }", "key acme for Basic { value: env(\"ACME_KEY\") }" => KEY;
        /// A custom domain.
        Domain ["domain"] SAY, many, later, "domain NAME { … }", "";
        /// A model of bodies: fields with types, or JSON Schema (draft 4) as it is.
        Model ["model"] SAY, many, now, "model NAME { FIELD: TYPE … } or model NAME = schema(…)", "model Pet { name: String, age: Int(0..40)? }";
        /// Rules before every other phase.
        Waf ["waf"] SAY, many, later, "waf NAME of API.STAGE { … }", "";
        /// A Lambda function that the program knows by name, and who answers for it.
        Function ["function"] SAY, many, now, "function NAME { … }", "function greet { command: \"python3 greet.py\" }" => FUNCTION;
        /// A link into a private network.
        VpcLink ["vpc_link"] SAY, many, now, "vpc_link NAME { … }", "vpc_link Inner { targets: [\"http://127.0.0.1:9001\"] }" => VPC_LINK;
        /// A test: requests, scripted backends, expectations.
        Test ["test"] SAY, many, now, "test TITLE { … }", "test \"it answers\" { send GET / at Orders.prod, expect 200 }" => TEST;
    }

    /// The account and region that a gateway belongs to. Both appear in ARNs and answers.
    AccountWord ACCOUNT "`account`" {
        /// Twelve digits.
        Id ["id"] SET, once, now, "id: DIGITS", "id: \"111122223333\"";
        /// The region.
        Region ["region"] SET, once, now, "region: NAME", "region: \"eu-west-1\"";
        /// The account's throttle over all its stages in the region.
        Throttle ["throttle"] SAY, once, now, "throttle RATE burst COUNT", "throttle 10_000/s burst 5_000";
    }

    /// An API. `rest api` and `http api` are read by the same words; what one of them alone can do says so.
    ApiWord API "an `api`" {
        /// The title for people; the API's name if none is given.
        Title ["title"] SET, once, now, "title: TEXT", "title: \"Orders of the shop\"";
        /// The version for people.
        Version ["version"] SET, once, now, "version: TEXT", "version: \"1.4.0\"";
        /// The id in ARNs and host names: ten lower-case letters and digits. Made from the name if none is given.
        Id ["id"] SET, once, now, "id: TEXT", "id: \"a1b2c3d4e5\"";
        /// Where it is reached. `private` takes the VPC endpoints; `ip` is `ipv4` or `dualstack`.
        Endpoint ["endpoint"] SET, once, rest, "endpoint: edge | regional | private([ID …])", "endpoint: regional";
        /// Whether the default host answers.
        DefaultEndpoint ["default_endpoint"] SET, once, now, "default_endpoint: BOOL", "default_endpoint: false";
        /// The security policy of the default host.
        Tls ["tls"] SET, once, rest, "tls: NAME", "tls: \"TLS_1_2\"";
        /// Whether the default host compares SNI and Host.
        AccessMode ["access_mode"] SET, once, rest, "access_mode: basic | strict", "access_mode: strict";
        /// Where API keys are read.
        KeySource ["key_source"] SET, once, rest, "key_source: header | authorizer", "key_source: header";
        /// Media types that are bytes.
        Binary ["binary"] SET, once, rest, "binary: [MEDIA_TYPE …]", "binary: [\"image/*\"]";
        /// The smallest response that is compressed.
        Compress ["compress"] SET, once, rest, "compress: SIZE", "compress: 1KiB";
        /// Tags.
        Tags ["tags"] SET, once, now, "tags: { NAME: TEXT … }", "tags: { team: \"shop\" }";
        /// Stage variables that every stage gives, with types; `?` may be left out, `=` is the default.
        Variables ["variables"] SAY, once, now, "variables { NAME: TYPE = DEFAULT … }", "variables { host: Url = \"https://example.com\", shade: String? }";
        /// What every route has that does not say otherwise.
        Defaults ["defaults"] SAY, once, now, "defaults { … }", "defaults { auth: iam, validate: all }" => DEFAULTS;
        /// Who says whether a caller may.
        Authorizer ["authorizer"] SAY, many, now, "authorizer NAME = KIND { … }", "authorizer Pool = cognito { pools: [\"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Shop\"] }" => AUTHORIZER;
        /// The resource policy: sentences, or IAM's JSON as it is.
        Policy ["policy"] SAY | SET, once, rest, "policy { … } or policy: iam(…)", "policy { allow anyone to invoke GET /orders/* }" => POLICY;
        /// An integration that several routes share, by name.
        Integration ["integration"] SAY, many, now, "integration NAME = KIND … { … }", "integration Origin = http \"https://example.com/\"" => INTEGRATION;
        /// Lets browsers of other origins call the paths that the glob covers: adds the OPTIONS methods and the headers.
        /// In an HTTP API it has no glob, and stands once: the gateway answers preflights itself.
        Cors ["cors"] SAY, many, now, "cors GLOB { … }", "cors /* { origins: [\"https://shop.example.com\"], methods: [GET, POST] }" => CORS;
        /// A gateway response: what callers see when the gateway itself answers.
        On ["on"] SAY, many, rest, "on TYPE STATUS { … }", "on ACCESS_DENIED 403 { body = { message: \"ask for access\" } }" => GATEWAY_RESPONSE;
        /// A route: a verb and a path. `{name}` takes one segment, `{name+}` at least one and all the rest.
        Method ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"] SAY, many, now, "METHOD PATH { … }", "GET /pets/{pet} { integrate mock, respond 200 }" => ROUTE;
        /// The route that takes what no other takes.
        Route ["route"] SAY, many, http, "route $default { … }", "route $default { integrate lambda \"front\" }" => ROUTE;
        /// What selects the route of a message.
        Select ["select"] SET, once, later, "select: TEXT", "";
    }

    /// What every route of the API has that does not say otherwise.
    DefaultsWord DEFAULTS "`defaults`" {
        /// As in a route.
        Auth ["auth"] SET, once, now, "auth: NAME | iam | none", "auth: iam";
        /// As in a route.
        ApiKey ["api_key"] SET, once, rest, "api_key: required | none", "api_key: required";
        /// As in a route.
        Validate ["validate"] SET, once, rest, "validate: all | body | params | none", "validate: all";
    }

    /// The settings of an authorizer. Kinds: `lambda token`, `lambda request`, `cognito`, `jwt`;
    /// `as ROLE` says whose rights invoke a function.
    AuthorizerWord AUTHORIZER "an authorizer" {
        /// The function: a declared name, its own name, its ARN, or an invocation ARN.
        Function ["function"] SET, once, now, "function: NAME | ARN", "function: check";
        /// What identifies a caller: one header, or for `lambda request` a list.
        Identity ["identity"] SET, once, now, "identity: SOURCE | [SOURCE …]", "identity: [header.x-partner, query.sig]";
        /// A regular expression that the whole token must fit.
        Validation ["validation"] SET, once, rest, "validation: r\"…\"", "validation: r\"Bearer .+\"";
        /// How long an answer is kept: up to one hour; if not set 5 minutes, in an HTTP API not at all.
        Ttl ["ttl"] SET, once, now, "ttl: DURATION", "ttl: 5min";
        /// The user pools.
        Pools ["pools"] SET, once, rest, "pools: [ARN …]", "pools: [\"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Shop\"]";
        /// The issuer of the tokens.
        Issuer ["issuer"] SET, once, now, "issuer: URL", "issuer: \"https://id.example.com\"";
        /// Whom the tokens are for.
        Audience ["audience"] SET, once, now, "audience: [TEXT …]", "audience: [\"web\"]";
        /// A word for exports: the scheme's type.
        AuthType ["authtype"] SET, once, now, "authtype: TEXT", "authtype: \"oauth2\"";
        /// The event's format.
        Payload ["payload"] SET, once, http, "payload: \"1.0\" | \"2.0\"", "payload: \"2.0\"";
        /// Whether the answer is a truth value, `isAuthorized`, instead of a policy; with `payload: "2.0"`.
        Simple ["simple"] SET, once, http, "simple: BOOL", "simple: true";
    }

    /// A resource policy. Without any applicable statement a caller is refused; a `deny` always wins.
    ///
    /// WHO is `anyone`, `account "…"` or an ARN, with `except` everybody else. ACTION is `invoke`,
    /// `invalidate_cache`, `manage_connections` or an IAM action. What: `*`, `/glob`, `METHOD /glob`
    /// or an IAM resource, several with blanks between; `on STAGE` narrows it to one stage. A text may hold
    /// IAM's policy variables: `"/homes/${aws:username}/*"`.
    PolicyWord POLICY "a policy" {
        /// Lets through, unless something denies.
        Allow ["allow"] SAY, many, now, "allow WHO to ACTION WHAT … on STAGE when { CEL }", "allow anyone to invoke GET /pets/* on prod";
        /// Refuses, whatever allows.
        Deny ["deny"] SAY, many, now, "deny WHO to ACTION WHAT … on STAGE unless { CEL }", "deny anyone to invoke /admin/* unless { source.ip in cidr(\"10.0.0.0/8\") }";
    }

    /// An integration: where requests go, and what is sent.
    ///
    /// Kinds: `http URL` and `lambda FUNCTION` pass request and answer through, with `custom` they are
    /// mapped; `aws "service:Action"` and `aws "service:path/…"` call a service; `mock` answers
    /// by itself; a name takes a shared `integration`. A verb may stand before the target; `via LINK`
    /// goes through a private link; `as ROLE` or `as caller` says whose rights are used.
    IntegrationWord INTEGRATION "an integration" {
        /// How long it may take: 50 milliseconds to 29 seconds, and 29 seconds if not set; 30 seconds in an HTTP API.
        Timeout ["timeout"] SET, once, now, "timeout: DURATION", "timeout: 3s";
        /// What happens to a body that no template fits.
        Passthrough ["passthrough"] SET, once, rest, "passthrough: when_no_match | when_no_templates | never", "passthrough: never";
        /// Converts the request body.
        Content ["content"] SET, once, rest, "content: text | binary", "content: binary";
        /// Streams the answer; for `http` and `lambda` only.
        Stream ["stream"] SET, once, rest, "stream: BOOL", "stream: true";
        /// The load balancer behind a link of the second kind.
        Target ["target"] SET, once, later, "target: ARN", "";
        /// How the backend's certificate is checked.
        Tls ["tls"] SAY, once, soon, "tls { … }", "tls { insecure_skip_verification: true }" => TLS;
        /// The format of a function's event and result; `"2.0"` if not set.
        Payload ["payload"] SET, once, http, "payload: \"1.0\" | \"2.0\"", "payload: \"1.0\"";
        /// A header of the backend's request.
        Header ["header"] MAP, many, soon, "header.NAME = SOURCE", "header.x-stage = stage.name";
        /// A query string parameter of the backend's request.
        Query ["query"] MAP, many, soon, "query.NAME = SOURCE", "query.tenant = context.authorizer.tenant";
        /// A `{NAME}` of the URL; a path parameter of the same name binds by itself; `none` leaves the text as it is.
        Path ["path"] MAP, many, soon, "path.NAME = SOURCE", "path.id = path.pet";
        /// The body for requests of a media type (JSON if none is named): a template, or JSON as it is.
        Body ["body"] MAP, many, rest, "body[\"MEDIA_TYPE\"] = vtl\"…\" | { … } | none", "body = vtl\"$input.json('$')\"";
    }

    /// How a backend's certificate is checked.
    TlsWord TLS "`tls`" {
        /// Takes certificates of unknown issuers; name and expiry are still checked.
        InsecureSkipVerification ["insecure_skip_verification"] SET, once, rest, "insecure_skip_verification: BOOL", "insecure_skip_verification: true";
        /// The name to verify.
        ServerName ["server_name"] SET, once, later, "server_name: TEXT", "";
    }

    /// A route.
    RouteWord ROUTE "a route" {
        /// How callers prove who they are.
        Auth ["auth"] SET, once, now, "auth: NAME(scopes: [TEXT …]) | iam | none", "auth: iam";
        /// Whether an API key is required.
        ApiKey ["api_key"] SET, once, rest, "api_key: required | none", "api_key: required";
        /// What is validated before the integration.
        Validate ["validate"] SET, once, rest, "validate: all | body | params | none", "validate: params";
        /// A path parameter; those of the path need not be declared.
        Path ["path"] SET, many, rest, "path.NAME: TYPE", "path.pet: String";
        /// A query string parameter. `?` behind the type: may be absent.
        Query ["query"] SET, many, rest, "query.NAME: TYPE", "query.expand: \"lines\" | \"all\"?";
        /// A request header. Names are compared with their letter case.
        Header ["header"] SET, many, rest, "header.NAME: TYPE", "header.x-trace: String?";
        /// The model of the request's body, by media type; JSON if none is named.
        Body ["body"] SET, many, rest, "body[\"MEDIA_TYPE\"]: MODEL", "body: Order";
        /// Keeps answers, by these parameters; without a duration the stage says whether and how long.
        Cache ["cache"] SAY, once, rest, "cache DURATION by [SOURCE …] in NAME", "cache 60s by [path.pet]";
        /// The limit of this route at every stage that sets none for it.
        Throttle ["throttle"] SAY, once, now, "throttle RATE burst COUNT", "throttle 50/s burst 100";
        /// Lets browsers of other origins call this path, as `cors` of the API.
        Cors ["cors"] SAY, once, rest, "cors { … }", "cors { origins: [\"*\"], methods: [GET] }" => CORS;
        /// Where the request goes.
        Integrate ["integrate"] SAY, once, now, "integrate KIND … { … }", "integrate http \"https://example.com/pets/{pet}\"" => INTEGRATION;
        /// What becomes of the backend's answer if its status (or a function's error) fits the pattern; without one, the default.
        Respond ["respond"] SAY, many, soon, "respond STATUS matching r\"…\" { … }", "respond 404 matching r\"404\" { body = { message: \"no such pet\" } }" => RESPOND;
        /// A name for people and SDKs.
        Operation ["operation"] SET, once, now, "operation: TEXT", "operation: \"GetPet\"";
        /// A few words for people.
        Tags ["tags"] SET, once, now, "tags: [TEXT …]", "tags: [\"pets\"]";
        /// The route response of a WebSocket API.
        Reply ["reply"] SET, once, later, "reply: KEY", "";
    }

    /// A response. `respond STATUS` is the default, `matching r"…"` takes what the pattern fits,
    /// `matching none` only declares the status, `undeclared` leaves it undeclared.
    RespondWord RESPOND "a response" {
        /// With `:` declares a header, with `=` declares and sets it.
        Header ["header"] SET | MAP, many, now, "header.NAME: TYPE or header.NAME = SOURCE", "header.etag = response.header.ETag";
        /// With `:` the model of the body, with `=` the template.
        Body ["body"] SET | MAP, many, now, "body: MODEL or body = vtl\"…\" | { … }", "body = vtl\"$input.json('$')\"";
        /// Converts the body.
        Content ["content"] SET, once, now, "content: text | binary", "content: text";
    }

    /// A gateway response. Types that are not set take `DEFAULT_4XX` or `DEFAULT_5XX`, else their own.
    GatewayResponseWord GATEWAY_RESPONSE "a gateway response" {
        /// A header.
        Header ["header"] MAP, many, now, "header.NAME = SOURCE", "header.x-reason = context.error.responseType";
        /// The body: plain text with `$context.…`, `$stageVariables.…` and `$method.request.…`; no VTL.
        Body ["body"] MAP, many, now, "body[\"MEDIA_TYPE\"] = fmt\"…\" | { … }", "body = fmt\"no: $context.error.message\"";
    }

    /// Who of another origin may call.
    CorsWord CORS "`cors`" {
        /// The origins, or `"*"`.
        Origins ["origins"] SET, once, now, "origins: [TEXT …]", "origins: [\"https://shop.example.com\"]";
        /// The methods; those of the path if none are named.
        Methods ["methods"] SET, once, now, "methods: [METHOD …]", "methods: [GET, POST]";
        /// The request headers.
        Headers ["headers"] SET, once, now, "headers: [NAME …]", "headers: [content-type, authorization]";
        /// The response headers that a script may read.
        Expose ["expose"] SET, once, now, "expose: [NAME …]", "expose: [x-request-id]";
        /// How long a browser keeps the answer.
        MaxAge ["max_age"] SET, once, now, "max_age: DURATION", "max_age: 10min";
        /// Whether cookies and credentials are sent.
        Credentials ["credentials"] SET, once, now, "credentials: BOOL", "credentials: true";
    }

    /// A stage. What stands here acts at once, without a new deployment.
    StageWord STAGE "a stage" {
        /// Values of the API's variables.
        Variables ["variables"] SAY, once, now, "variables { NAME: VALUE … }", "variables { backend: \"https://orders.internal\" }";
        /// A cache, its size in gigabytes, and how long answers are kept.
        Cache ["cache"] SAY, once, rest, "cache SIZE for DURATION", "cache 0.5GB for 300s";
        /// The limit of every method.
        Throttle ["throttle"] SAY, once, now, "throttle RATE burst COUNT", "throttle 1_000/s burst 500";
        /// Settings of all methods (`*`), of all methods of a path, or of one.
        Method ["method"] SAY, many, now, "method * or method METHOD PATH { … }", "method * { metrics: detailed, log_level: error }" => METHOD;
        /// Serves a share of the requests with other variables, or another API's routes.
        Canary ["canary"] SAY, once, rest, "canary PERCENT { … }", "canary 10% { variables { backend: \"https://next.internal\" } }" => CANARY;
        /// The access log: JSON with these members, or `as fmt"…"`, a line of the reference's own form.
        Log ["log"] SAY, once, now, "log to DESTINATION { NAME: context.… } or log to DESTINATION as fmt\"…\"", "log to stdout { requestId: context.requestId, ip: context.identity.sourceIp }";
        /// Traces.
        Trace ["trace"] SET, once, rest, "trace: xray(active: BOOL)", "trace: xray(active: true)";
        /// The certificate that backends see.
        ClientCertificate ["client_certificate"] SET, once, rest, "client_certificate: TEXT", "client_certificate: \"cert-1\"";
        /// Tags.
        Tags ["tags"] SET, once, now, "tags: { NAME: TEXT … }", "tags: { env: \"prod\" }";
    }

    /// Settings of a method at a stage. One that is named is complete: it starts from `method *`.
    MethodWord METHOD "method settings" {
        /// The limit.
        Throttle ["throttle"] SAY, once, now, "throttle RATE burst COUNT", "throttle 50/s burst 100";
        /// Keeps answers so long; `none`: not at all.
        Cache ["cache"] SAY, once, rest, "cache DURATION or cache none", "cache 60s";
        /// Whether kept answers are encrypted.
        Encrypted ["encrypted"] SET, once, rest, "encrypted: BOOL", "encrypted: true";
        /// Who may pass the cache by: `anyone`, else those with the right to; others are refused (`deny`) or served from the cache with a warning (`warn`) or without (`ignore`).
        Invalidation ["invalidation"] SET, once, rest, "invalidation: anyone | deny | warn | ignore", "invalidation: deny";
        /// Execution logs.
        LogLevel ["log_level"] SET, once, rest, "log_level: off | error | info", "log_level: info";
        /// Whether bodies are logged.
        DataTrace ["data_trace"] SET, once, rest, "data_trace: BOOL", "data_trace: true";
        /// Metrics for each method.
        Metrics ["metrics"] SET, once, now, "metrics: detailed | basic", "metrics: detailed";
    }

    /// A canary.
    CanaryWord CANARY "a canary" {
        /// Variables that differ; the others stay.
        Variables ["variables"] SAY, once, now, "variables { NAME: VALUE … }", "variables { backend: \"https://next.internal\" }";
        /// Whether it shares the stage's cache.
        Cache ["cache"] SET, once, now, "cache: shared | own", "cache: shared";
        /// The API whose routes it serves.
        Api ["api"] SET, once, now, "api: NAME", "api: OrdersNext";
    }

    /// A usage plan.
    PlanWord PLAN "a plan" {
        /// The stages that it opens.
        Stages ["stages"] SET, once, now, "stages: [API.STAGE …]", "stages: [Orders.prod]";
        /// The limit of each key.
        Throttle ["throttle"] SAY, once, now, "throttle RATE burst COUNT", "throttle 100/s burst 50";
        /// How many requests each key has in a day, week or month; `offset` are taken off the first.
        Quota ["quota"] SAY, once, now, "quota COUNT/PERIOD offset COUNT", "quota 10_000/month";
        /// The limit of each key for one method.
        Method ["method"] SAY, many, now, "method METHOD PATH { … }", "method GET /orders/{id} { throttle 100/s burst 20 }" => PLAN_METHOD;
    }

    /// Limits of one method in a plan.
    PlanMethodWord PLAN_METHOD "a method of a plan" {
        /// The limit of each key.
        Throttle ["throttle"] SAY, once, now, "throttle RATE burst COUNT", "throttle 100/s burst 20";
    }

    /// An API key.
    KeyWord KEY "a key" {
        /// Where its value is read when a bundle is loaded: 20 to 128 characters.
        Value ["value"] SET, once, now, "value: env(NAME) | file(NAME) | secret(NAME)", "value: env(\"ACME_KEY\")";
        /// Whether it opens anything.
        Enabled ["enabled"] SET, once, now, "enabled: BOOL", "enabled: false";
        /// Its id in logs and answers; its name if none is given.
        Id ["id"] SET, once, now, "id: TEXT", "id: \"k-acme\"";
    }

    /// Who answers for a function.
    FunctionWord FUNCTION "a function" {
        /// A function of the service.
        Arn ["arn"] SET, once, now, "arn: ARN", "arn: \"arn:aws:lambda:eu-west-1:111122223333:function:greet\"";
        /// A local command: the event on its input, the result on its output.
        Command ["command"] SET, once, now, "command: TEXT", "command: \"python3 greet.py\"";
        /// An endpoint of the Lambda Invoke API.
        Url ["url"] SET, once, now, "url: URL", "url: \"http://127.0.0.1:9001\"";
    }

    /// A link into a private network.
    VpcLinkWord VPC_LINK "a `vpc_link`" {
        /// Where its requests go, tried in turn.
        Targets ["targets"] SET, once, now, "targets: [URL …]", "targets: [\"http://127.0.0.1:9001\"]";
        /// Its subnets; carried, not used.
        Subnets ["subnets"] SET, once, now, "subnets: [ID …]", "subnets: [\"subnet-1\"]";
    }

    /// A test: the steps in order.
    TestWord TEST "a test" {
        /// What holds before.
        Given ["given"] SAY, once, now, "given { … }", "given { now: \"2026-11-23T10:00:00Z\" }" => GIVEN;
        /// Sends a request to a stage; or renders a template alone, without a gateway, from a template's input.
        Send ["send"] SAY, many, now, "send METHOD PATH at API.STAGE from ADDRESS { … } or send vtl\"…\" { … }", "send GET /orders/A-1 at Orders.prod from \"203.0.113.9\"" => MESSAGE;
        /// Scripts the answer to the next call of a backend.
        Backend ["backend"] SAY, many, now, "backend STATUS { … }", "backend 200 { body = { id: \"A-1\" } }" => MESSAGE;
        /// Compares the answer, the call of the backend, or what a template rendered: its text, or `rendered` with a body.
        Expect ["expect"] SAY, many, now, "expect STATUS { … } or expect backend METHOD URL { … } or expect TEXT or expect rendered { … }", "expect 200 { body: { id: \"A-1\" } }" => EXPECTED;
    }

    /// What holds before a test.
    GivenWord GIVEN "`given`" {
        /// The claims of the caller's token.
        Claims ["claims"] SET, once, now, "claims: { … }", "claims: { sub: \"t-9\" }";
        /// The API keys that the caller sends.
        Keys ["keys"] SET, once, now, "keys: [NAME …]", "keys: [acme]";
        /// Stage variables that differ.
        Vars ["vars"] SET, once, now, "vars: { NAME: TEXT … }", "vars: { backend: \"http://127.0.0.1:9009\" }";
        /// The time.
        Now ["now"] SET, once, now, "now: TIME", "now: \"2026-11-23T10:00:00Z\"";
    }

    /// A request or an answer that a test makes up.
    MessageWord MESSAGE "a message" {
        /// A header.
        Header ["header"] MAP, many, now, "header.NAME = TEXT", "header.accept = \"text/plain\"";
        /// The body: text, or JSON.
        Body ["body"] MAP, once, now, "body = TEXT | { … }", "body = { id: \"A-1\" }";
    }

    /// What a template reads that a test sends alone. Stage variables come from `given`.
    InputWord INPUT "a template's input" {
        /// A header.
        Header ["header"] MAP, many, now, "header.NAME = TEXT", "header.accept = \"text/plain\"";
        /// A path parameter.
        Path ["path"] MAP, many, now, "path.NAME = TEXT", "path.id = \"A-1\"";
        /// A query parameter.
        Query ["query"] MAP, many, now, "query.NAME = TEXT", "query.page = \"2\"";
        /// The payload: text, or JSON.
        Body ["body"] MAP, once, now, "body = TEXT | { … }", "body = { id: \"A-1\" }";
        /// The members of `$context`.
        Context ["context"] MAP, once, now, "context = { … }", "context = { stage: \"prod\" }";
    }

    /// What a test expects.
    ExpectedWord EXPECTED "an expectation" {
        /// A header that must be there with this value.
        Header ["header"] SET, many, now, "header.NAME: TEXT", "header.x-tenant: \"t-9\"";
        /// The body: exactly this text, or JSON that equals this.
        Body ["body"] SET, once, now, "body: TEXT | { … }", "body: { id: \"A-1\" }";
    }
}

/// All contexts, in the order of the reference.
pub(crate) static CONTEXTS: &[&Context] = &[
    &FILE,
    &ACCOUNT,
    &API,
    &DEFAULTS,
    &AUTHORIZER,
    &POLICY,
    &ROUTE,
    &INTEGRATION,
    &TLS,
    &RESPOND,
    &GATEWAY_RESPONSE,
    &CORS,
    &STAGE,
    &METHOD,
    &CANARY,
    &PLAN,
    &PLAN_METHOD,
    &KEY,
    &FUNCTION,
    &VPC_LINK,
    &TEST,
    &GIVEN,
    &MESSAGE,
    &INPUT,
    &EXPECTED,
];
