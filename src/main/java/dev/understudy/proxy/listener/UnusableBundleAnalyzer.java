package dev.understudy.proxy.listener;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start-up which setting names an SSL bundle that can't be used, and why. */
public final class UnusableBundleAnalyzer extends AbstractFailureAnalyzer<UnusableBundleException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, UnusableBundleException cause) {
    return new FailureAnalysis(
        String.valueOf(cause.getMessage()),
        "Mend the setting, or the files that spring.ssl.bundle.* names.",
        cause);
  }
}
