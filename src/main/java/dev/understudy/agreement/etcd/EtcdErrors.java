package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.EtcdCallFailure.Remedy;
import dev.understudy.agreement.http.JsonObjectSplitter;
import dev.understudy.agreement.http.RegisterHttp;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.text.FailureText;
import dev.understudy.text.Printable;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Meaning of etcd's errors for a caller. Most have a gRPC code; some differ by their text alone
 * ({@code api/v3rpc/rpctypes/error.go} in etcd), and a cancelled watch has only a text.
 */
final class EtcdErrors {
  private static final int LONGEST_TEXT = 200;

  /** Text form of a gRPC status. */
  private static final Pattern STATUS_TEXT =
      Pattern.compile("rpc error: code = (\\w+) desc = (.*)", Pattern.DOTALL);

  /** gRPC codes; all other numbers are treated as {@link #UNKNOWN}. */
  private static final int UNKNOWN = 2;

  private static final int INVALID_ARGUMENT = 3;
  private static final int NOT_FOUND = 5;
  private static final int PERMISSION_DENIED = 7;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int FAILED_PRECONDITION = 9;
  private static final int OUT_OF_RANGE = 11;
  private static final int UNIMPLEMENTED = 12;
  private static final int UNAUTHENTICATED = 16;

  private EtcdErrors() {}

  /** The failure for a response other than 200. */
  static EtcdCallFailure ofResponse(String url, RegisterHttp.Response response) {
    JsonNode error;
    try {
      error = JsonObjectSplitter.object(response.body());
    } catch (IllegalArgumentException e) {
      return ofForeign(url, response);
    }
    String text = message(error);
    return text.isEmpty()
        ? ofForeign(url, response)
        : of(url, code(error), text, response.retryAfter());
  }

  /** The failure for an {@code error} object within a stream. */
  static EtcdCallFailure ofStream(String url, JsonNode error) {
    return of(url, code(error), message(error), null);
  }

  /** The failure for the reason of a cancelled watch. */
  static EtcdCallFailure ofCancelled(String url, String reason) {
    Matcher status = STATUS_TEXT.matcher(reason);
    String text = status.matches() ? status.group(2) : reason;
    if (text.contains("compacted")) {
      return compacted(url);
    }
    if (text.contains("permission denied")) {
      // Members before v3.4.22 give this reason for an expired token, too.
      return new EtcdCallFailure(Remedy.NEW_TOKEN, Reason.REFUSED, message(url, text));
    }
    return of(url, UNKNOWN, text.isEmpty() ? "the watch was cancelled" : text, null);
  }

  static EtcdCallFailure compacted(String url) {
    return new EtcdCallFailure(
        Remedy.NONE, Reason.GONE, message(url, "the watch's revision has been compacted"));
  }

  /** The failure for an exception of the HTTP client or a decoder. */
  static EtcdCallFailure of(String url, Throwable thrown) {
    if (thrown instanceof EtcdCallFailure known) {
      return known;
    }
    boolean notSent =
        thrown instanceof ConnectException
            || thrown instanceof UnknownHostException
            || thrown instanceof SSLHandshakeException;
    return new EtcdCallFailure(
        notSent ? Remedy.ANOTHER_MEMBER_NOW : Remedy.ANOTHER_MEMBER_NEXT,
        notSent ? Reason.NOT_TAKEN : Reason.UNCERTAIN,
        message(url, FailureText.of(thrown, LONGEST_TEXT)),
        null,
        thrown);
  }

  private static EtcdCallFailure of(String url, int code, String text, @Nullable Duration wait) {
    Remedy remedy = remedy(code, text);
    return new EtcdCallFailure(remedy, reason(remedy, text), message(url, text), wait, null);
  }

  /** A member without a leader, as the request asks it to tell, and a busy one propose nothing. */
  private static Reason reason(Remedy remedy, String text) {
    if (text.contains("too many requests") || text.endsWith("etcdserver: no leader")) {
      return Reason.NOT_TAKEN;
    }
    return remedy == Remedy.ANOTHER_MEMBER_NEXT ? Reason.UNCERTAIN : Reason.REFUSED;
  }

  private static Remedy remedy(int code, String text) {
    if (text.contains("invalid auth token")
        || text.contains("user name is empty")
        || text.contains("auth store is old")) {
      return Remedy.NEW_TOKEN;
    }
    if (text.contains("requested lease not found")) {
      return Remedy.NEW_LEASE;
    }
    if (text.contains("authentication is not enabled")) {
      return Remedy.NO_TOKEN;
    }
    return switch (code) {
      case INVALID_ARGUMENT,
          NOT_FOUND,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAUTHENTICATED ->
          Remedy.NONE;
      default -> Remedy.ANOTHER_MEMBER_NEXT;
    };
  }

  /** The failure for a response of a proxy before the gateway, or of another server. */
  private static EtcdCallFailure ofForeign(String url, RegisterHttp.Response response) {
    int status = response.status();
    boolean refused = status >= 400 && status < 500 && status != 408 && status != 429;
    String text = Printable.oneLine(response.body(), LONGEST_TEXT);
    return new EtcdCallFailure(
        refused ? Remedy.NONE : Remedy.ANOTHER_MEMBER_NEXT,
        refused ? Reason.REFUSED : Reason.UNCERTAIN,
        message(url, "HTTP status " + status + (text.isEmpty() ? "" : ": " + text)),
        response.retryAfter(),
        null);
  }

  private static int code(JsonNode error) {
    String field = error.has("grpc_code") ? "grpc_code" : "code";
    try {
      return Math.toIntExact(EtcdJson.number(error, field));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return UNKNOWN;
    }
  }

  private static String message(JsonNode error) {
    String text = EtcdJson.text(error, "message");
    return text.isEmpty() ? EtcdJson.text(error, "error") : text;
  }

  private static String message(String url, String text) {
    String own = text.startsWith("etcdserver: ") ? text.substring("etcdserver: ".length()) : text;
    return "etcd at " + url + ": " + Printable.oneLine(own, LONGEST_TEXT);
  }
}
