package dev.understudy;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start-up which certificate or key of an SSL bundle can't be read. */
final class UnreadableCertificateAnalyzer extends AbstractFailureAnalyzer<UncheckedIOException> {
  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, UncheckedIOException cause) {
    String message = cause.getMessage();
    if (message == null || !message.contains("certificate or key")) {
      return null;
    }
    return new FailureAnalysis(
        message, "Check the files that spring.ssl.bundle.* names, and who may read them.", cause);
  }
}
