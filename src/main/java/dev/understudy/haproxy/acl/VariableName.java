package dev.understudy.haproxy.acl;

import java.util.Locale;

/** Names of variables in our language. */
public final class VariableName {
  private VariableName() {}

  /** Our name of HAProxy's variable, such as {@code txn-tenant} of {@code txn.tenant}. */
  public static String of(String name) {
    return name.replace('.', '-').replace('_', '-').toLowerCase(Locale.ROOT);
  }
}
