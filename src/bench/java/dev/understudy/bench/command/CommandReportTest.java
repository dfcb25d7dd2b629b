package dev.understudy.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Measurements;
import dev.understudy.bench.report.PythonLoop;
import org.junit.jupiter.api.Test;

class CommandReportTest {
  private final Measurements<Timed> runs = new Measurements<>();
  private final CommandReport report = new CommandReport(runs);

  @Test
  void a_task_has_a_row_for_each_program_that_does_it_and_haproxys_beside() {
    runs.begin(new PythonLoop(0.5, 0.4));
    runs.add(Task.STATUS.by(Program.LAUNCHER), new Timed(0.2, 0.3));
    runs.add(Task.VALIDATE.by(Program.HAPROXY), new Timed(0.02, 0.02));
    runs.add(Task.VALIDATE.by(Program.JAR), new Timed(2, 4));
    assertThat(report.table().replaceAll(" +", " ").lines().skip(2))
        .containsExactly(
            "| validate, one pool: java -jar | 2.000 (2.000-2.000) | 4.00 (4.00-4.00) | 100"
                + " | 4.000 (4.000-4.000) | 10.00 (10.00-10.00) | 200 |",
            "| validate, one pool: HAProxy | 0.020 (0.020-0.020) | 0.04 (0.04-0.04) | 1"
                + " | 0.020 (0.020-0.020) | 0.05 (0.05-0.05) | 1 |",
            "| status of a running replica: the Debian package's launcher | 0.200 (0.200-0.200)"
                + " | 0.40 (0.40-0.40) | - | 0.300 (0.300-0.300) | 0.75 (0.75-0.75) | - |");
  }

  @Test
  void targets_count_in_loops_and_what_was_not_measured_is_not_judged() {
    runs.begin(new PythonLoop(0.5, 0.5));
    runs.add(Task.IMPORT.by(Program.LAUNCHER), new Timed(0.25, 1));
    assertThat(report.goals())
        .extracting(Goal::value)
        .containsExactly(Double.NaN, Double.NaN, Double.NaN, 0.5, Double.NaN);
  }

  @Test
  void cpu_time_is_user_and_system_time_of_what_the_shell_prints() {
    assertThat(Timed.parse("0.512 0.250 0.125\n")).isEqualTo(new Timed(0.512, 0.375));
  }
}
