package dev.understudy.proxy.forwardauth;

import dev.understudy.network.IpAddress;
import dev.understudy.proxy.http.ClientConnection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The request that an authenticator is asked about.
 *
 * @param host the client's {@code Host}; null if it sent none
 * @param target in origin-form, byte for byte the client's
 * @param tls whether the client speaks TLS, with this proxy or with a trusted one before it
 * @param address of the client; null if it is not known
 * @param id the request's {@code X-Request-Id}, which the subrequest has too
 * @param fields all values of a header field by its name in small letters
 */
public record AuthQuestion(
    String method,
    @Nullable String host,
    String target,
    boolean tls,
    ClientConnection client,
    @Nullable IpAddress address,
    String id,
    Function<String, List<String>> fields) {
  String scheme() {
    return tls ? "https" : "http";
  }
}
