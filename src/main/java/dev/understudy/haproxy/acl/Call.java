package dev.understudy.haproxy.acl;

import java.util.List;

/** A sample fetch or a converter with its arguments. */
public record Call(String name, List<String> arguments) {
  public Call {
    arguments = List.copyOf(arguments);
  }

  /** An argument; empty if there are fewer. */
  public String argument(int index) {
    return index < arguments.size() ? arguments.get(index) : "";
  }
}
