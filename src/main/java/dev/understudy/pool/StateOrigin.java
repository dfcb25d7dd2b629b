package dev.understudy.pool;

import dev.understudy.text.Words;

/** Who set a server's {@link OperatorState}. */
public enum StateOrigin {
  OPERATOR("an operator"),
  /** The server's agent. */
  AGENT("its agent"),
  /** The cluster, in which the server's Pod terminates. */
  CLUSTER("the cluster");

  private final String subject;

  StateOrigin(String subject) {
    this.subject = subject;
  }

  /** The words before "set it to drain". */
  public String subject() {
    return subject;
  }

  public String word() {
    return Words.lower(this);
  }
}
