package dev.understudy.admin;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpMethod;

/**
 * Handles {@code GET /api/diagnostics} and {@code GET /api/config/file}: what helps to find a
 * defect and is not for everybody's eyes. The caller must have checked the token. Bounded in size,
 * and made for one request at a time, because a thread dump stops all threads for a moment.
 */
final class Diagnostics implements Endpoints {
  /**
   * The response.
   *
   * @param settings the static settings in force, without secrets
   * @param dynamicFile the dynamic file, without secrets; a sentence if it cannot be read, null if
   *     none was read yet
   */
  record Document(
      Instant now,
      RuntimeDocument runtime,
      ThreadsDocument threads,
      List<SettingsDocument.Setting> settings,
      @Nullable Object dynamicFile) {}

  /**
   * The response of {@code GET /api/config/file}.
   *
   * @param content as {@link Document#dynamicFile}
   */
  record DynamicFile(@Nullable Object content) {}

  private final Environment environment;
  private final ConfigurationStatus configuration;
  private final DocumentThreads threads;
  private final AtomicBoolean busy = new AtomicBoolean();

  Diagnostics(Environment environment, ConfigurationStatus configuration, DocumentThreads threads) {
    this.environment = environment;
    this.configuration = configuration;
    this.threads = threads;
  }

  /** A read that wants the token of a write: a thread dump and settings must not be open. */
  @Override
  public void addTo(Paths paths) {
    paths.operate(
        HttpMethod.GET,
        "/api/diagnostics",
        (request, operator) -> threads.make(request, () -> Json.ok(exclusively(this::document))));
    paths.operate(
        HttpMethod.GET,
        "/api/config/file",
        (request, operator) ->
            threads.make(request, () -> Json.ok(new DynamicFile(dynamicFile()))));
  }

  /** Does the work until its end, also if its client leaves meanwhile. */
  <T> T exclusively(Supplier<T> work) {
    if (!busy.compareAndSet(false, true)) {
      throw ProblemDocument.unavailable(
          "Another request for diagnostics is being served; try again.", 1);
    }
    try {
      return work.get();
    } finally {
      busy.set(false);
    }
  }

  Document document() {
    SecretMask secrets = new SecretMask();
    // First, because the settings teach what is secret.
    List<SettingsDocument.Setting> settings = SettingsDocument.of(environment, secrets);
    return new Document(
        Instant.now(),
        RuntimeDocument.take(secrets),
        ThreadsDocument.take(),
        settings,
        dynamicFile(secrets));
  }

  private @Nullable Object dynamicFile() {
    SecretMask secrets = new SecretMask();
    SettingsDocument.of(environment, secrets);
    return dynamicFile(secrets);
  }

  private @Nullable Object dynamicFile(SecretMask secrets) {
    String file = configuration.document().file();
    return file == null ? null : DynamicFileDocument.of(Path.of(file), secrets);
  }
}
