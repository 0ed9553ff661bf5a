//! Name, status, title and detail of each kind of problem.

use actix_web::http::StatusCode;

use super::Failure;

/// Name, status, title and detail of a kind of problem.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) status: StatusCode,
    pub(super) zh: (&'static str, &'static str),
    pub(super) en: (&'static str, &'static str),
}

impl Failure {
    pub(super) fn kind(&self) -> Kind {
        let kind = |name, status, zh, en| Kind { name, status, zh, en };
        match self {
            Self::NotFound => kind(
                "not-found",
                StatusCode::NOT_FOUND,
                ("没有找到", "这里没有可以向您提供的内容。请核对地址。"),
                ("Not found", "There is nothing here for you. Check the address."),
            ),
            Self::Gone => kind(
                "withdrawn",
                StatusCode::GONE,
                (
                    "已撤回",
                    "这条记录已依法停止展示。保存过副本的，应当停止使用并删除。",
                ),
                (
                    "Withdrawn",
                    "By law this record is no longer shown. Whoever kept a copy must stop using it and delete it.",
                ),
            ),
            Self::NoStatusList => kind(
                "no-status-list",
                StatusCode::NOT_FOUND,
                (
                    "没有这个状态列表",
                    "没有这个用途和编号的状态列表，或者在该时刻还没有。",
                ),
                (
                    "No such status list",
                    "There is no status list of that purpose and number, or there was none at that time.",
                ),
            ),
            Self::Parameters(_) => kind(
                "invalid-parameter",
                StatusCode::BAD_REQUEST,
                ("参数不正确", "一个或者多个参数不能使用，逐项说明见 errors。"),
                (
                    "Invalid parameter",
                    "One or more parameters cannot be used; see errors.",
                ),
            ),
            Self::Key => kind(
                "invalid-key",
                StatusCode::UNAUTHORIZED,
                (
                    "密钥无效",
                    "Authorization 中的密钥不存在、已停用或者格式不对。不带密钥可以查询公开内容。",
                ),
                (
                    "Invalid key",
                    "The key in Authorization is unknown, revoked or malformed. Without a key you see what is public.",
                ),
            ),
            Self::Method(_) => kind(
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                ("不支持这个方法", "这里支持的方法见 Allow。"),
                (
                    "Method not allowed",
                    "Allow names the methods that are supported here.",
                ),
            ),
            Self::NotYet => kind(
                "not-yet",
                StatusCode::SERVICE_UNAVAILABLE,
                (
                    "正在生成",
                    "数据文件还没有生成，或者正在重新生成，请按 Retry-After 稍后再试。",
                ),
                (
                    "Being made",
                    "It was not made yet, or is being made anew; try again after Retry-After.",
                ),
            ),
            Self::Range(_) => kind(
                "beyond-the-end",
                StatusCode::RANGE_NOT_SATISFIABLE,
                ("超出文件末尾", "Range 指定的部分超出文件，长度见 Content-Range。"),
                (
                    "Beyond the end",
                    "Range asks for nothing that the file has; Content-Range says how long it is.",
                ),
            ),
            Self::NotJson => kind(
                "not-json",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ("请求体类型不对", "请用 Content-Type: application/json 提交。"),
                ("Not JSON", "Send the body as Content-Type: application/json."),
            ),
            Self::Unread => kind(
                "body-cut-off",
                StatusCode::BAD_REQUEST,
                ("请求体不完整", "请求体在读完之前中断，请重新提交。"),
                (
                    "Body cut off",
                    "The body ended before it was whole; send it again.",
                ),
            ),
            Self::TooLong(_) => kind(
                "body-too-long",
                StatusCode::PAYLOAD_TOO_LARGE,
                ("请求体过长", "请求体超过上限，请分批提交。"),
                (
                    "Body too long",
                    "The body is longer than allowed; send it in parts.",
                ),
            ),
            Self::TooMany(_) => kind(
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                ("请求过多", "请求过于频繁，请按 Retry-After 稍后再试。"),
                (
                    "Too many requests",
                    "Too many requests; try again after Retry-After.",
                ),
            ),
            Self::Internal(_) => kind(
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                (
                    "系统出错",
                    "这是我们的问题。请稍后再试；联系我们时请报 instance 的编号。",
                ),
                (
                    "Internal error",
                    "The fault is ours. Try again later; quote the instance when you tell us.",
                ),
            ),
        }
    }
}
