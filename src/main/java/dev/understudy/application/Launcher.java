package dev.understudy.application;

import dev.understudy.command.PlainCommands;
import dev.understudy.command.ProxyStarter;
import dev.understudy.command.StartFailedException;
import dev.understudy.command.UnderstudyCommand;
import dev.understudy.command.client.ClientCommands;
import dev.understudy.text.BuildVersion;
import java.util.Arrays;

/**
 * Starts the proxy, or the command that the arguments name, and loads no more than that needs.
 *
 * <p>The command-line library, which costs about 80 ms of CPU, is not loaded if the arguments are
 * only {@code serve} and settings, or {@linkplain PlainCommands plain}. Spring is not loaded for
 * commands that run no proxy.
 */
public final class Launcher {
  private static final String COMMAND = "serve";

  private Launcher() {}

  public static void main(String[] args) {
    refuseRenegotiation();
    int status = run(args);
    if (status != ProxyStarter.RUNNING) {
      System.exit(status);
    }
  }

  /**
   * Has the JDK's TLS refuse what BoringSSL and HAProxy refuse: a client of TLS 1.2 that asks for
   * another handshake on its connection, each of which costs the server far more than the client.
   * The JDK has no other way to say so, and reads it once, with the first use of TLS.
   */
  private static void refuseRenegotiation() {
    String property = "jdk.tls.rejectClientInitiatedRenegotiation";
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }

  /** Runs a command; returns its exit status, or {@link ProxyStarter#RUNNING}. */
  public static int run(String... args) {
    if (ClientCommands.accept(args)) {
      return ClientCommands.execute(args);
    }
    if (PlainCommands.accept(args)) {
      return PlainCommands.execute(args);
    }
    if (isVersion(args)) {
      System.out.println(BuildVersion.program());
      return 0;
    }
    return hasSettingsOnly(args)
        ? serve(new SpringProxy(), settings(args))
        : UnderstudyCommand.commandLine(() -> new SpringProxy()).execute(args);
  }

  private static boolean isVersion(String[] args) {
    return args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"));
  }

  private static int serve(ProxyStarter proxy, String[] settings) {
    try {
      return proxy.serve(settings);
    } catch (RuntimeException e) {
      return StartFailedException.report(e);
    }
  }

  /**
   * Whether the arguments have the form {@code [serve] [--PROPERTY=VALUE ...]}, which needs no
   * parsing.
   */
  static boolean hasSettingsOnly(String[] args) {
    return Arrays.stream(settings(args)).allMatch(Launcher::isSetting);
  }

  /** The arguments without the command {@code serve}. */
  static String[] settings(String[] args) {
    return args.length > 0 && args[0].equals(COMMAND)
        ? Arrays.copyOfRange(args, 1, args.length)
        : args;
  }

  private static boolean isSetting(String argument) {
    return argument.startsWith("--")
        && argument.indexOf('=') > 2
        && !argument.startsWith("--help=")
        && !argument.startsWith("--version=");
  }
}
