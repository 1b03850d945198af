//! The records of the bundle and its images.

use super::wire::{Blob, Label, Range, Slot, Str, records};

records! {
    /// The start of a bundle, behind the eight bytes `TOLLGATE`.
    Header {
        /// The format's version.
        version: u16,
        /// How many images.
        images: u16,
        /// Bytes of the whole bundle.
        length: u32,
        /// Instruction features that must be known, one bit each.
        features: u64,
        /// The behaviour date as `yyyymm`.
        behaviour: u32,
        /// Identifies the bundle: the checksum of the image table.
        identity: u64,
    }
    /// The image table behind the header: the edge image, the deployments in the edge's order, then others.
    ImageEntry {
        /// 0 edge, 1 deployment, 2 keyring, 3 debug.
        kind: u8,
        /// First byte.
        off: u32,
        /// Bytes.
        len: u32,
        /// The image's checksum.
        sum: u64,
        /// The image's digest, as the compiler computed it.
        digest: [u8; 32],
    }
    /// Section `Api` of a deployment image: one record.
    Api {
        /// The API's id: the first part of its host name.
        id: Str,
        /// The API's name in the program.
        name: Str,
        /// 0 REST, 1 HTTP, 2 WebSocket.
        kind: u8,
        /// 1: private, 2: keys come from the authorizer, 4: `default_endpoint` is off, 8: has a resource policy.
        flags: u8,
        /// Account.
        account: Str,
        /// Region.
        region: Str,
        /// Partition of ARNs.
        partition: Str,
        /// Smallest answer that is compressed; `u32::MAX`: never.
        compress_from: u32,
        /// Section `Lists`: media types that are bytes.
        binary: Range,
        /// Section `Lists`, of an HTTP API: allowed methods, allowed headers, exposed headers, age and credentials as
        /// headers say them, then the origins; empty: no CORS.
        cors: Range,
        /// Identifies what the constant table must hold; the edge image repeats it.
        slots: u64,
        /// How many constants.
        slot_count: u16,
    }
    /// Section `Nodes`: one node of the route tree.
    Node {
        /// Verbs served here: bit 0 DELETE, then GET, HEAD, OPTIONS, PATCH, POST, PUT.
        verbs: u8,
        /// Verbs served here or below.
        below: u8,
        /// 1: there are literal children.
        flags: u8,
        /// Section `NodeRoutes`: one entry per verb set in `verbs`, in the order of the bits.
        routes: u32,
        /// The child for one arbitrary segment; `u32::MAX`: none.
        parameter: u32,
        /// The child for all the rest; `u32::MAX`: none.
        greedy: u32,
    }
    /// Section `Edges`: one entry of the hash table of literal children. Open addressing, a power of two.
    Edge {
        /// Hash of parent and segment.
        hash: u32,
        /// The parent node; `u32::MAX`: the entry is free.
        parent: u32,
        /// The child node.
        child: u32,
        /// The segment.
        segment: Str,
    }
    /// Section `Routes`: one method of one resource.
    Route {
        /// The path template as written: `/orders/{id}`.
        path: Str,
        /// What `$context.resourceId` prints.
        resource_id: Str,
        /// The verb as declared, 7: ANY.
        verb: u8,
        /// 0 none, 1 IAM, 2 Lambda authorizer, 3 Cognito, 4 JWT.
        auth: u8,
        /// 1: API key required, 2: body is validated, 4: has path parameters, 8: `$default`, the first of an
        /// HTTP API's routes.
        flags: u8,
        /// 0 none, 1 stream, 2 buffer.
        body_plan: u8,
        /// Section `Authorizers`; `u16::MAX`: none.
        authorizer: u16,
        /// Section `Parameters`: the path parameters.
        parameters: Range,
        /// The resource policy's class; no label: nothing of it can matter here.
        policy: Label,
        /// The same about passing the cache by.
        fresh: Label,
        /// Request parameters.
        validate: Label,
        /// Section `Models`: media type and model, for the body.
        models: Range,
        /// Section `Integrations`.
        integration: u32,
        /// Appends what the cache key holds beside the method.
        cache_key: Label,
        /// Section `Lists`: scopes that a token must hold one of.
        scopes: Range,
        /// The operation's name.
        operation: Str,
        /// The cache's namespace.
        namespace: Str,
        /// Names the route's buckets, with the stage's.
        bucket: u64,
    }
    /// Section `Parameters`: a path parameter.
    Parameter {
        /// Its name.
        name: Str,
        /// The segment that it captures, counted from 0.
        segment: u16,
        /// 1: it captures the rest.
        greedy: u8,
    }
    /// Section `Integrations`.
    Integration {
        /// 0 mock, 1 HTTP, 2 HTTP proxy, 3 Lambda, 4 Lambda proxy, 5 AWS service, 6 Lambda proxy of format 2.0.
        kind: u8,
        /// 1: insecure certificates are accepted, 2: streamed back, 4: the client's verb is used,
        /// 8: the caller's own credentials, 16: every call is a configuration error, 32: the request's path is
        /// appended to the URI.
        flags: u8,
        /// Conversion of the request body: 0 none, 1 to bytes, 2 to text.
        content: u8,
        /// The backend's verb.
        method: Str,
        /// Milliseconds.
        timeout_ms: u32,
        /// Mappings and template choice.
        request: Label,
        /// Leaves the URI in the accumulator.
        uri: Label,
        /// The role to take on.
        credentials: Slot,
        /// The VPC link.
        vpc_link: Slot,
        /// Section `Responses`: in the order in which patterns are tried; the default response is last.
        responses: Range,
        /// Section `Numbers`: statuses that the method declares.
        declared: Range,
    }
    /// Section `Responses`: an integration response.
    Response {
        /// The pattern; see `Test` in the section `Tables`.
        pattern: Blob,
        /// 1: this is the default response, 2: also fits when there is nothing to test (`.*`).
        flags: u8,
        /// The status for the client.
        status: u16,
        /// Conversion of the body: 0 none, 1 to bytes, 2 to text.
        content: u8,
        /// Mappings and template choice.
        program: Label,
    }
    /// Section `GatewayResponses`: one per type, in the order of the types.
    GatewayResponse {
        /// The status; 0: the type's own.
        status: u16,
        /// 1: configured, 2: inherited from DEFAULT_4XX or DEFAULT_5XX.
        flags: u8,
        /// Headers, then the choice of the template.
        program: Label,
    }
    /// Section `Lists`: one text.
    Item {
        /// The text.
        text: Str,
    }
    /// Section `Behaviour`: a switch that is not at its default.
    SwitchValue {
        /// Its number.
        switch: u16,
        /// Its value.
        value: u32,
    }
    /// Section `Authorizers`.
    Authorizer {
        /// Its name.
        name: Str,
        /// 0 token, 1 request, 2 Cognito, 3 JWT; of HTTP APIs 4 request with events of format 2.0, 5 with an
        /// answer without a policy.
        kind: u8,
        /// Seconds that an answer is kept.
        ttl_s: u32,
        /// The function's URI.
        uri: Slot,
        /// The role to invoke it with.
        credentials: Slot,
        /// Appends the identity sources; stops where one is missing.
        identity: Label,
        /// The pattern that the token must fit.
        validation: Blob,
        /// Section `Numbers`: the slots of the pools, or of issuer and audiences.
        trust: Range,
    }
    /// Section `Models`: the model of a media type.
    Model {
        /// The media type, or `$default`.
        media: Str,
        /// The compiled schema.
        schema: Blob,
    }
    /// Section `Deployments` of the edge image: what the stages serve, in the order of the image table.
    Deployment {
        /// The image's digest.
        digest: [u8; 32],
        /// The API's id.
        api_id: Str,
        /// The API's name.
        api_name: Str,
        /// The deployment's id, as `$context.deploymentId` prints it.
        id: Str,
        /// What its constant tables hold; must be the deployment's own.
        slots: u64,
    }
    /// Section `Stages` of the edge image, ordered by API id, then name.
    Stage {
        /// The name.
        name: Str,
        /// Section `Deployments`, of the stage itself.
        deployment: u16,
        /// Section `Deployments`, of the canary side.
        canary: u16,
        /// Share of the canary in hundredths of a percent.
        share: u16,
        /// 1: has canary settings, 2: the canary shares the stage's cache, 4: traces are recorded, 8: has a cache.
        flags: u8,
        /// Section `Constants`, of the stage itself.
        constants: Range,
        /// Section `Constants`, of the canary side.
        canary_constants: Range,
        /// Section `Variables`, ordered by name.
        variables: Range,
        /// Section `Variables`, of the canary side.
        canary_variables: Range,
        /// Section `RouteSettings`: one entry per route of the deployment.
        settings: Range,
        /// The same for the canary's deployment.
        canary_settings: Range,
        /// Section `Plans`: those that open this stage.
        plans: Range,
        /// Names the stage's buckets, with the route's.
        bucket: u64,
        /// Writes the access log's line.
        log: Label,
    }
    /// Section `Variables` of the edge image: a stage variable.
    Variable {
        /// Its name.
        name: Str,
        /// Its value.
        value: Str,
    }
    /// Section `Settings` of the edge image: what a stage, or a plan at a stage, sets for some methods.
    Setting {
        /// 1: throttled, 2: cached, 4: rights are needed to pass the cache by.
        flags: u8,
        /// What a client without rights meets: 0 403, 1 a warning, 2 nothing.
        unauthorized: u8,
        /// Tokens per second, in thousandths.
        rate_milli: u64,
        /// Size of the token bucket.
        burst: u64,
        /// Names the bucket of a plan's method.
        bucket: u64,
        /// Seconds that answers are kept.
        ttl_s: u32,
    }
    /// Section `Account` of the edge image: the account's own throttle, if it has one.
    Account {
        /// Tokens per second, in thousandths.
        rate_milli: u64,
        /// Size of the token bucket.
        burst: u64,
        /// Names the bucket.
        bucket: u64,
    }
    /// Section `Plans` of the edge image: what a usage plan grants at one stage.
    Plan {
        /// The plan's name.
        name: Str,
        /// The plan's number: in the order of their names.
        plan: u32,
        /// 1: throttled, 2: has a quota.
        flags: u8,
        /// Tokens per second, in thousandths.
        rate_milli: u64,
        /// Size of the token bucket.
        burst: u64,
        /// Requests in a period.
        quota: u64,
        /// Requests subtracted in the first period.
        offset: u64,
        /// 0 day, 1 week, 2 month.
        period: u8,
        /// Names the plan's buckets, with the key's.
        bucket: u64,
        /// Section `RouteSettings`: throttles of single methods, one entry per route; empty: none.
        methods: Range,
        /// The same for the canary's deployment.
        canary_methods: Range,
    }
    /// Section `Keys` of the edge image: an API key, without its value.
    Key {
        /// Its id.
        id: Str,
        /// Its name.
        name: Str,
        /// 1: enabled.
        flags: u8,
        /// Section `KeyPlans`: the numbers of the plans that it belongs to.
        plans: Range,
        /// Names the key's buckets, with the plan's.
        bucket: u64,
    }
    /// Section `Digests` of the keyring image, ordered.
    KeyDigest {
        /// The key's digest.
        digest: [u8; 32],
        /// Section `Keys` of the edge image.
        key: u32,
    }
}
