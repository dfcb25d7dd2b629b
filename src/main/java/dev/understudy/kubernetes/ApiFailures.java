package dev.understudy.kubernetes;

import dev.understudy.agreement.http.RegisterHttp;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.text.FailureText;
import dev.understudy.text.Printable;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.PrematureCloseException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Converts failures of calls to {@link RegisterException}s with a message of one line. */
public final class ApiFailures {
  private static final int MAX_MESSAGE = 400;

  private final KubernetesSettings settings;
  private final String namespace;
  private final String rights;

  /**
   * Creates a converter.
   *
   * @param namespace where a Role must allow it; empty for a ClusterRole
   * @param rights what it must allow, for people: {@code get leases of coordination.k8s.io}
   */
  public ApiFailures(KubernetesSettings settings, String namespace, String rights) {
    this.settings = settings;
    this.namespace = namespace;
    this.rights = rights;
  }

  /**
   * The failure for a status other than success; {@code 410} is a watch's, and {@code 403} a {@link
   * ForbiddenException}.
   */
  public RegisterException ofStatus(RegisterHttp.Response response) {
    int status = response.status();
    String message = describe(status, response.body()) + hint(status);
    return status == HttpResponseStatus.FORBIDDEN.code()
        ? new ForbiddenException(message)
        : new RegisterException(reason(status), message, response.retryAfter(), null);
  }

  private static Reason reason(int status) {
    return switch (status) {
      case 409 -> Reason.CONFLICT;
      case 410 -> Reason.GONE;
      case 408 -> Reason.UNCERTAIN;
      case 429 -> Reason.NOT_TAKEN;
      default -> status < 300 || status >= 500 ? Reason.UNCERTAIN : Reason.REFUSED;
    };
  }

  private static String describe(int status, String body) {
    String said = message(body);
    String text = HttpResponseStatus.valueOf(status).toString();
    return said.isEmpty() ? text : text + ": " + said;
  }

  /** The message of a {@code Status} object, else the text itself. */
  public static String message(String body) {
    String text = body;
    try {
      JsonNode message = JsonMapper.shared().readTree(body).path("message");
      if (message.isString()) {
        text = message.asString();
      }
    } catch (JacksonException e) {
      return Printable.oneLine(body, MAX_MESSAGE);
    }
    return Printable.oneLine(text, MAX_MESSAGE);
  }

  private String hint(int status) {
    if (status == HttpResponseStatus.UNAUTHORIZED.code()) {
      return settings.tokenFile() == null
          ? " (no " + KubernetesSettings.PREFIX + "token-file is set)"
          : " (does the token in " + settings.tokenFile() + " belong to this cluster?)";
    }
    if (status == HttpResponseStatus.FORBIDDEN.code()) {
      return (namespace.isEmpty() ? " (a ClusterRole" : " (a Role in namespace " + namespace)
          + " must let this service account "
          + rights
          + ")";
    }
    return "";
  }

  /** The failure for a call without a response. */
  public RegisterException ofError(Throwable error) {
    if (error instanceof RegisterException known) {
      return known;
    }
    if (error instanceof PrematureCloseException) {
      return unknownResult("connection closed before the end of the response", error);
    }
    if (error instanceof IllegalArgumentException || error instanceof JacksonException) {
      return unknownResult(
          "the response does not come from a Kubernetes API: " + first(error), error);
    }
    if (isUntrustedServer(error)) {
      return new RegisterException(
          Reason.REFUSED, "TLS: " + first(root(error)) + trust(), null, error);
    }
    if (error instanceof IOException) {
      return unknownResult(settings.url() + ": " + first(error), error);
    }
    return unknownResult(error.getClass().getSimpleName() + ": " + first(error), error);
  }

  /** Whether TLS failed for another reason than a broken connection. */
  private static boolean isUntrustedServer(Throwable error) {
    if (!(error instanceof SSLException)) {
      return false;
    }
    Throwable root = root(error);
    return root instanceof GeneralSecurityException || root instanceof NotSslRecordException;
  }

  private String trust() {
    return settings.caFile() == null
        ? " (no " + KubernetesSettings.PREFIX + "ca-file is set)"
        : " (trusted: " + settings.caFile() + ")";
  }

  private static Throwable root(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String first(Throwable error) {
    return Printable.oneLine(FailureText.of(error, MAX_MESSAGE), MAX_MESSAGE);
  }

  public static RegisterException unknownResult(String message, @Nullable Throwable cause) {
    return new RegisterException(Reason.UNCERTAIN, message, null, cause);
  }

  /**
   * The failure of a call of which no byte was sent.
   *
   * @param failure as it is known without that
   */
  static RegisterException notSent(RegisterException failure) {
    return failure.reason().mayBeCarriedOut()
        ? new RegisterException(
            Reason.NOT_TAKEN,
            String.valueOf(failure.getMessage()),
            failure.retryAfter(),
            failure.getCause())
        : failure;
  }
}
