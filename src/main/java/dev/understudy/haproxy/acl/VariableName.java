package dev.understudy.haproxy.acl;

/** Names of variables in our language. */
public final class VariableName {
  private VariableName() {}

  /** Our name of HAProxy's variable, such as {@code txn-tenant} of {@code txn.tenant}. */
  public static String of(String name) {
    return Terms.variableName(name);
  }
}
