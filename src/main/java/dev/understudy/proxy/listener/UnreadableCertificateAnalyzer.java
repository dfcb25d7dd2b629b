package dev.understudy.proxy.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Names the certificate or key of an SSL bundle that cannot be read, or watched, at start-up. */
public final class UnreadableCertificateAnalyzer
    extends AbstractFailureAnalyzer<UncheckedIOException> {
  /** Spring Boot's message for a bad bundle; see {@code SslPropertiesBundleRegistrar}. */
  private static final Pattern BUNDLE = Pattern.compile("Unable to register SSL bundle '(.*)'");

  /** Spring Boot's message for a file that cannot be watched; see {@code FileWatcher}. */
  private static final String WATCH = "Failed to register paths for watching";

  private static final String MISSING = " is neither a file nor a directory";

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, UncheckedIOException cause) {
    String message = cause.getMessage();
    if (message == null) {
      return null;
    }
    if (message.startsWith(WATCH)) {
      return analysis(named(root, why(cause)), cause);
    }
    return message.contains("certificate or key") ? analysis(message, cause) : null;
  }

  private static FailureAnalysis analysis(String said, Throwable cause) {
    return new FailureAnalysis(
        said, "Check the files that spring.ssl.bundle.* names, and their permissions.", cause);
  }

  /** Puts the bundle before the reason, if Spring Boot names it. */
  private static String named(Throwable root, String why) {
    for (Throwable each = root; each != null; each = each.getCause()) {
      Matcher matcher = BUNDLE.matcher(String.valueOf(each.getMessage()));
      if (matcher.matches()) {
        return BundleFailureText.message(matcher.group(1), why);
      }
    }
    return why;
  }

  private static String why(UncheckedIOException cause) {
    IOException reason = cause.getCause();
    String why = String.valueOf(reason == null ? cause.getMessage() : reason.getMessage());
    return why.endsWith(MISSING) ? why.replace(MISSING, " does not exist") : why;
  }
}
