package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.EtcdCallFailure.Remedy;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The token for user name and password. It is requested when first needed, and again, with the
 * password that the file has by then, when etcd rejects it: after minutes without use, a restart,
 * or a change of the password. Used on the event loop only.
 */
final class AuthToken {
  private static final Logger log = LoggerFactory.getLogger(EtcdRegister.class);
  private static final String NONE = "";
  private static final int MOST_PASSWORD_BYTES = 4096;

  private final EtcdClient client;
  private final @Nullable String username;
  private final @Nullable Path passwordFile;
  private @Nullable String token;
  private @Nullable CompletableFuture<String> asking;

  AuthToken(EtcdClient client, @Nullable String username, @Nullable Path passwordFile) {
    this.client = client;
    this.username = username;
    this.passwordFile = passwordFile;
  }

  /**
   * Returns the token; empty if none is needed. Concurrent callers share one request for it.
   *
   * @param deadline by {@link System#nanoTime}
   */
  CompletableFuture<String> current(long deadline) {
    if (username == null || passwordFile == null) {
      return CompletableFuture.completedFuture(NONE);
    }
    if (token != null) {
      return CompletableFuture.completedFuture(token);
    }
    if (asking == null || asking.isDone()) {
      asking =
          ask(username, passwordFile, deadline).whenComplete((given, failure) -> token = given);
    }
    return asking;
  }

  /**
   * Drops a token that etcd rejected.
   *
   * @return whether another one may be accepted
   */
  boolean forget(String used) {
    if (used.equals(token)) {
      token = null;
    }
    return username != null;
  }

  private CompletableFuture<String> ask(String username, Path file, long deadline) {
    String password;
    try {
      password = password(file);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(
          new EtcdCallFailure(
              Remedy.NONE,
              Reason.REFUSED,
              "etcd: the password file " + file + " cannot be read: " + BoundedFile.reason(e),
              null,
              e));
    }
    return client
        .callWithoutToken(
            "/v3/auth/authenticate", Map.of("name", username, "password", password), deadline)
        .handle(this::token);
  }

  private String token(@Nullable JsonNode response, @Nullable Throwable failure) {
    if (failure != null || response == null) {
      EtcdCallFailure known = EtcdCall.unwrapped(failure == null ? new IOException() : failure);
      if (known.remedy() != Remedy.NO_TOKEN) {
        throw known;
      }
      log.warn("{}; going on without user name", known.getMessage());
      return NONE;
    }
    String given = EtcdJson.text(response, "token");
    if (given.isEmpty()) {
      throw new IllegalArgumentException("no token");
    }
    return given;
  }

  private static String password(Path file) throws IOException {
    byte[] bytes = BoundedFile.read(file, MOST_PASSWORD_BYTES);
    if (bytes.length > MOST_PASSWORD_BYTES) {
      throw new IOException("it is larger than " + MOST_PASSWORD_BYTES + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8).strip();
  }
}
