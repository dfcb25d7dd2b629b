package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.Environment;
import picocli.CommandLine;

/** A misspelt option or command is refused, never ignored. */
class UnderstudyCommandTest {
  private static final Proxy PROXY =
      new Proxy() {
        @Override
        public int serve(String[] settings) {
          throw new AssertionError("started");
        }

        @Override
        public Environment start(String[] settings) {
          throw new AssertionError("started");
        }
      };

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          validate --strct config/gateway.yaml   | Unknown option: '--strct'
          validate config/gateway.yaml --strct   | Unknown option: '--strct'
          validate --a=b config/gateway.yaml     | Unknown option: '--a=b'
          validate -s config/gateway.yaml        | Unknown option: '-s'
          demo --strct                           | Unknown option: '--strct'
          demo now                               | Unmatched argument at index 1: 'now'
          serve --strct                          | Unknown option: '--strct'
          --strct                                | Unknown option: '--strct'
          valdate config/gateway.yaml            | Unmatched arguments from index 0: 'valdate', 'config/gateway.yaml'
          """)
  void an_unknown_argument_is_named(String line, String said) {
    StringWriter errors = new StringWriter();
    CommandLine program = UnderstudyCommand.commandLine(PROXY).setErr(new PrintWriter(errors));
    assertThat(program.execute(line.split(" "))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(errors.toString()).startsWith(said);
  }
}
