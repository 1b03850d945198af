//! Functions that a local command stands for: the event on its input, the result on its output.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tollgate_runtime::Fault;

use super::{Answer, Answered};

/// The largest result of a function: the reference's limit for synchronous calls.
const LARGEST_RESULT: u64 = 6 << 20;

/// How much of what a command says on its standard error is carried.
const LARGEST_COMPLAINT: u64 = 16 << 10;

/// How long a function runs that nobody waits for.
const UNWATCHED: Duration = Duration::from_secs(15 * 60);

/// Commands that run at the same time; the others wait, within their timeouts.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(64));

/// One call of a function.
pub(crate) struct Invocation {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) command: String,
    /// Where it runs; none: where the gateway does.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) event: Bytes,
    /// Whether the event is handed over and nobody waits for the result.
    pub(crate) asynchronous: bool,
    pub(crate) timeout: Duration,
}

/// Runs the command. A function that fails answers as the Lambda service does: 200 with `X-Amz-Function-Error`.
pub(crate) async fn run(invocation: Invocation) -> Answered {
    let sent = Instant::now();
    if invocation.asynchronous {
        tokio::task::spawn_local(async move {
            let _ = tokio::time::timeout(UNWATCHED, execute(&invocation)).await;
        });
        return Ok(Answer::whole(202, &[], Bytes::new()));
    }
    let mut answer = match tokio::time::timeout(invocation.timeout, execute(&invocation)).await {
        Ok(answered) => answered?,
        Err(_) => return Err(Fault::Timeout),
    };
    answer.latency_us = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
    Ok(answer)
}

async fn execute(invocation: &Invocation) -> Answered {
    let _place = PLACES.acquire().await.map_err(|_| Fault::Unsupported)?;
    let mut command = shell(&invocation.command);
    command
        .env("AWS_LAMBDA_FUNCTION_NAME", &invocation.name)
        .env("AWS_LAMBDA_FUNCTION_ARN", &invocation.arn)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(folder) = &invocation.folder {
        command.current_dir(folder);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(e) => {
            return Ok(failed(
                "Runtime.ExitError",
                &format!("`{}`: {e}", invocation.command),
            ));
        }
    };
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Fault::Unsupported);
    };
    let (mut result, mut complaint) = (Vec::new(), Vec::new());
    let feed = async {
        // A function need not read its event.
        let _ = stdin.write_all(&invocation.event).await;
        drop(stdin);
        Ok(())
    };
    let mut out = stdout.take(LARGEST_RESULT + 1);
    let mut err = stderr.take(LARGEST_COMPLAINT);
    let read = async {
        out.read_to_end(&mut result).await.map_err(|_| Cut::Lost)?;
        if result.len() as u64 > LARGEST_RESULT {
            return Err(Cut::TooLarge);
        }
        Ok(())
    };
    let complain = async {
        err.read_to_end(&mut complaint)
            .await
            .map_err(|_| Cut::Lost)?;
        // What is more is thrown away, so that the command does not wait for a reader.
        let mut nowhere = tokio::io::sink();
        let more = tokio::io::copy(err.get_mut(), &mut nowhere).await;
        more.map(drop).map_err(|_| Cut::Lost)
    };
    match tokio::try_join!(feed, read, complain) {
        Ok(_) => {}
        // Leaving drops the command, which kills it.
        Err(Cut::Lost) => return Err(Fault::Connect),
        Err(Cut::TooLarge) => {
            return Ok(failed(
                "Function.ResponseSizeTooLarge",
                "the result is larger than 6 MB",
            ));
        }
    }
    let status = child.wait().await.map_err(|_| Fault::Connect)?;
    if status.success() {
        return Ok(Answer::whole(200, &[], trimmed(result)));
    }
    // A command that fails may say how, in the shape in which Lambda runtimes do.
    let said: Option<Value> = serde_json::from_slice(&result).ok();
    match said {
        Some(Value::Object(error)) if error.contains_key("errorMessage") => Ok(Answer::whole(
            200,
            &[("X-Amz-Function-Error", "Unhandled")],
            trimmed(result),
        )),
        _ => {
            let complaint = String::from_utf8_lossy(&complaint);
            let message = match complaint.trim() {
                "" => format!("the command ended with {status}"),
                complaint => complaint.to_owned(),
            };
            Ok(failed("Runtime.ExitError", &message))
        }
    }
}

/// Why a command is not heard to its end.
enum Cut {
    Lost,
    TooLarge,
}

fn failed(kind: &str, message: &str) -> Answer {
    let error = json!({"errorMessage": message, "errorType": kind});
    Answer::whole(
        200,
        &[("X-Amz-Function-Error", "Unhandled")],
        error.to_string(),
    )
}

/// The result without the newline that commands end with.
fn trimmed(mut result: Vec<u8>) -> Bytes {
    result.truncate(result.trim_ascii_end().len());
    result.into()
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(command: &str, timeout_ms: u64) -> Result<(String, Option<String>), Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let invocation = Invocation {
            name: "f".into(),
            arn: "arn:aws:lambda:eu-west-1:111122223333:function:f".into(),
            command: command.into(),
            folder: None,
            event: Bytes::from_static(b"{\"a\":1}"),
            asynchronous: false,
            timeout: Duration::from_millis(timeout_ms),
        };
        let answer = tokio::task::LocalSet::new().block_on(&runtime, run(invocation))?;
        let error = answer.headers().find(|h| h.name == b"X-Amz-Function-Error");
        Ok((
            String::from_utf8_lossy(&answer.body.clone().unwrap_or_default()).into_owned(),
            error.map(|h| String::from_utf8_lossy(h.value).into_owned()),
        ))
    }

    #[test]
    fn the_event_goes_in_and_the_result_comes_out() {
        assert_eq!(call("cat; echo", 5000), Ok(("{\"a\":1}".into(), None)));
        assert_eq!(
            call("printf %s \"$AWS_LAMBDA_FUNCTION_NAME\"", 5000),
            Ok(("f".into(), None))
        );
        assert_eq!(call("true", 5000), Ok((String::new(), None)));
    }

    #[test]
    fn a_command_that_fails_is_a_function_that_throws() {
        let unhandled = Some("Unhandled".to_owned());
        let (body, error) = call("echo oh no >&2; exit 3", 5000).unwrap();
        assert_eq!(
            (body.as_str(), error),
            (
                r#"{"errorMessage":"oh no","errorType":"Runtime.ExitError"}"#,
                unhandled.clone()
            )
        );
        let (body, error) =
            call(r#"echo '{"errorMessage":"Unauthorized"}'; exit 1"#, 5000).unwrap();
        assert_eq!(
            (body.as_str(), error),
            (r#"{"errorMessage":"Unauthorized"}"#, unhandled)
        );
    }

    #[test]
    fn a_command_has_its_time_and_its_room() {
        assert_eq!(call("sleep 30", 50), Err(Fault::Timeout));
        let (body, _) = call("head -c 7000000 /dev/zero", 20_000).unwrap();
        assert!(body.contains("ResponseSizeTooLarge"), "{body}");
        let (body, _) = call("head -c 300000 /dev/zero >&2; echo 1", 20_000).unwrap();
        assert_eq!(body, "1");
    }
}
