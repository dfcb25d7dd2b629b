package dev.understudy.admin;

import dev.understudy.admin.access.AdminProperties;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Binder;

/** Checks {@code understudy.admin.*} without a start. */
public final class AdminSettings {
  private AdminSettings() {}

  /**
   * Reads the settings, and the files of tokens that they name.
   *
   * @throws RuntimeException that a start with these settings would fail with
   */
  public static void require(Binder binder) {
    AdminProperties properties = binder.bindOrCreate("understudy.admin", AdminProperties.class);
    var unused = properties.tokens();
    var unusedHosts = new AllowedHosts(properties.hosts(), Set::of);
  }
}
