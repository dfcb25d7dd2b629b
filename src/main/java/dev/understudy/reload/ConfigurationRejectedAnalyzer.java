package dev.understudy.reload;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports at start-up the problems of the dynamic file, without a stack trace. */
final class ConfigurationRejectedAnalyzer
    extends AbstractFailureAnalyzer<ConfigurationRejectedException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, ConfigurationRejectedException cause) {
    return new FailureAnalysis(
        "The dynamic file "
            + cause.file()
            + " was refused:\n\n"
            + String.join("\n", cause.problems()),
        "Correct it; \"validate "
            + cause.file()
            + "\" checks it without starting the proxy."
            + " The setting understudy.config names the file.",
        cause);
  }
}
