package dev.understudy.proxy.listener;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Names the setting whose SSL bundle is unusable, and the reason, at start-up. */
public final class UnusableBundleAnalyzer extends AbstractFailureAnalyzer<UnusableBundleException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, UnusableBundleException cause) {
    return new FailureAnalysis(
        String.valueOf(cause.getMessage()),
        "Correct the setting, or the files that spring.ssl.bundle.* names.",
        cause);
  }
}
