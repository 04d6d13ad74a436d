//! The server's process, when it runs on this machine: `/proc`.

use std::fs;

/// Clock ticks per second in `/proc`: 100 on every Linux there is.
const CLOCK_TICKS: f64 = 100.0;

/// CPU seconds so far, user and system.
pub(super) fn cpu_seconds(pid: u32) -> Option<f64> {
    cpu_seconds_of(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in parentheses may itself hold spaces and parentheses; what follows the last one is regular.
fn cpu_seconds_of(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / CLOCK_TICKS)
}

/// Resident memory.
pub(super) fn rss_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The process that listens on this port.
pub(super) fn pid_listening_on(port: u16) -> Option<u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let inode = tables.iter().find_map(|table| listening_inode(table, port))?;
    let socket = format!("socket:[{inode}]");
    let holds = |pid: &u32| {
        let Ok(handles) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        handles.flatten().any(|handle| fs::read_link(handle.path()).is_ok_and(|link| link.as_os_str() == &*socket))
    };
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).find(holds)
}

fn listening_inode(table: &str, port: u16) -> Option<String> {
    let wanted = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(3) == Some(&"0A") && fields.get(1)?.ends_with(&wanted);
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_files_are_read() {
        let stat = "12 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(cpu_seconds_of(stat), Some(3.0));
        let table = "  sl  local_address rem_address st tx rx tr tm->when retrnsmt uid timeout inode\n\
                     0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4242 1\n";
        assert_eq!(listening_inode(table, 8080), Some("4242".to_owned()));
        assert_eq!(listening_inode(table, 8081), None);
    }
}
