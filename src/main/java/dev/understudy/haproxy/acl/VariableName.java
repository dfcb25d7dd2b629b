package dev.understudy.haproxy.acl;

import java.util.Locale;

/** Names of variables in Understudy's language. */
public final class VariableName {
  private VariableName() {}

  /** The name of HAProxy's variable, such as {@code txn-tenant} of {@code txn.tenant}. */
  public static String of(String name) {
    return name.replace('.', '-').replace('_', '-').toLowerCase(Locale.ROOT);
  }
}
