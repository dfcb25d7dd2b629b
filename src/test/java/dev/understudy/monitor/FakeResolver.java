package dev.understudy.monitor;

import dev.understudy.probe.AddressResolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Answers at once what the test has set; names that are not set fail, silent ones never answer. */
final class FakeResolver implements AddressResolver {
  private final Map<String, List<InetAddress>> answers = new HashMap<>();
  private boolean silent;
  final List<String> asked = new ArrayList<>();

  /** From now on {@code host} has these addresses; none: it fails. */
  void set(String host, String... literals) {
    answers.put(host, List.of(literals).stream().map(FakeResolver::address).toList());
  }

  void silent(boolean value) {
    silent = value;
  }

  @Override
  public void resolve(String host, Consumer<List<InetAddress>> done) {
    asked.add(host);
    if (!silent) {
      done.accept(answers.getOrDefault(host, List.of()));
    }
  }

  static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }
}
