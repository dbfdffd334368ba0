# AppArmor profile of the container api/* of policy payments 2.1.0.
# Written by bulkhead: change the policy, not this file.
abi <abi/3.0>,

profile bulkhead.payments.large flags=(attach_disconnected,mediate_deleted) {

  # filesystem.write (policy.hcl:17), filesystem.execute (policy.hcl:18): reading is refused by name only; what is not restricted is allowed everywhere.
  /{,**} rmk,

  # filesystem.write (policy.hcl:17): what can be written can be planted. Devices that every program needs, and the names of a process's own threads, may be.
  /dev/{null,zero,full,random,urandom,tty,console,ptmx,pts/[0-9]*,termination-log} w,
  /proc/[0-9]*/{,task/[0-9]*/}comm w,
  /tmp/** wl,
  /var/cache/api*/state wl,
  /var/cache/api*/state/ wl,

  # filesystem.execute (policy.hcl:18): a program that came with an attack does not start; libraries are mapped, which is not executing.
  /app/** ix,
  /usr/bin/env ix,
  /usr/bin/env/ ix,

  # filesystem.deny (policy.hcl:19): closed, whatever else is granted, under every name that AppArmor may see it by.
  audit deny "/odd name\, \"" rwlkmx,
  audit deny "/odd name\, \"/" rwlkmx,
  audit deny /proc/self/environ rwlkmx,
  audit deny /proc/self/environ/ rwlkmx,
  audit deny /**/proc/self/environ rwlkmx,
  audit deny /**/proc/self/environ/ rwlkmx,
  audit deny /{,**/}proc/[0-9]*/{,task/[0-9]*/}environ rwlkmx,
  audit deny /proc/sys/** rwlkmx,
  audit deny /**/proc/sys/** rwlkmx,
  audit deny /run/secrets/** rwlkmx,
  audit deny /var/run/secrets/** rwlkmx,

  # filesystem.deny (policy.hcl:19): a folder that is renamed would take what is closed to another name.
  audit deny /run/ w,
  audit deny /run/secrets/ w,
  audit deny /var/ w,
  audit deny /var/run/ w,
  audit deny /var/run/secrets/ w,

  /var/lib/app0/** wl,
  audit deny /srv/tenant-0/{secret,private}/** rwlkmx,
  /var/lib/app1/** wl,
  audit deny /srv/tenant-1/{secret,private}/** rwlkmx,
  /var/lib/app2/** wl,
  audit deny /srv/tenant-2/{secret,private}/** rwlkmx,
  /var/lib/app3/** wl,
  audit deny /srv/tenant-3/{secret,private}/** rwlkmx,
  /var/lib/app4/** wl,
  audit deny /srv/tenant-4/{secret,private}/** rwlkmx,
  /var/lib/app5/** wl,
  audit deny /srv/tenant-5/{secret,private}/** rwlkmx,
  /var/lib/app6/** wl,
  audit deny /srv/tenant-6/{secret,private}/** rwlkmx,
  /var/lib/app7/** wl,
  audit deny /srv/tenant-7/{secret,private}/** rwlkmx,
  /var/lib/app8/** wl,
  audit deny /srv/tenant-8/{secret,private}/** rwlkmx,
  /var/lib/app9/** wl,
  audit deny /srv/tenant-9/{secret,private}/** rwlkmx,
  /var/lib/app10/** wl,
  audit deny /srv/tenant-10/{secret,private}/** rwlkmx,
  /var/lib/app11/** wl,
  audit deny /srv/tenant-11/{secret,private}/** rwlkmx,
  /var/lib/app12/** wl,
  audit deny /srv/tenant-12/{secret,private}/** rwlkmx,
  /var/lib/app13/** wl,
  audit deny /srv/tenant-13/{secret,private}/** rwlkmx,
  /var/lib/app14/** wl,
  audit deny /srv/tenant-14/{secret,private}/** rwlkmx,
  /var/lib/app15/** wl,
  audit deny /srv/tenant-15/{secret,private}/** rwlkmx,
  /var/lib/app16/** wl,
  audit deny /srv/tenant-16/{secret,private}/** rwlkmx,
  /var/lib/app17/** wl,
  audit deny /srv/tenant-17/{secret,private}/** rwlkmx,
  /var/lib/app18/** wl,
  audit deny /srv/tenant-18/{secret,private}/** rwlkmx,
  /var/lib/app19/** wl,
  audit deny /srv/tenant-19/{secret,private}/** rwlkmx,
  /var/lib/app20/** wl,
  audit deny /srv/tenant-20/{secret,private}/** rwlkmx,
  /var/lib/app21/** wl,
  audit deny /srv/tenant-21/{secret,private}/** rwlkmx,
  /var/lib/app22/** wl,
  audit deny /srv/tenant-22/{secret,private}/** rwlkmx,
  /var/lib/app23/** wl,
  audit deny /srv/tenant-23/{secret,private}/** rwlkmx,
  /var/lib/app24/** wl,
  audit deny /srv/tenant-24/{secret,private}/** rwlkmx,
  /var/lib/app25/** wl,
  audit deny /srv/tenant-25/{secret,private}/** rwlkmx,
  /var/lib/app26/** wl,
  audit deny /srv/tenant-26/{secret,private}/** rwlkmx,
  /var/lib/app27/** wl,
  audit deny /srv/tenant-27/{secret,private}/** rwlkmx,
  /var/lib/app28/** wl,
  audit deny /srv/tenant-28/{secret,private}/** rwlkmx,
  /var/lib/app29/** wl,
  audit deny /srv/tenant-29/{secret,private}/** rwlkmx,
  /var/lib/app30/** wl,
  audit deny /srv/tenant-30/{secret,private}/** rwlkmx,
  /var/lib/app31/** wl,
  audit deny /srv/tenant-31/{secret,private}/** rwlkmx,
  /var/lib/app32/** wl,
  audit deny /srv/tenant-32/{secret,private}/** rwlkmx,
  /var/lib/app33/** wl,
  audit deny /srv/tenant-33/{secret,private}/** rwlkmx,
  /var/lib/app34/** wl,
  audit deny /srv/tenant-34/{secret,private}/** rwlkmx,
  /var/lib/app35/** wl,
  audit deny /srv/tenant-35/{secret,private}/** rwlkmx,
  /var/lib/app36/** wl,
  audit deny /srv/tenant-36/{secret,private}/** rwlkmx,
  /var/lib/app37/** wl,
  audit deny /srv/tenant-37/{secret,private}/** rwlkmx,
  /var/lib/app38/** wl,
  audit deny /srv/tenant-38/{secret,private}/** rwlkmx,
  /var/lib/app39/** wl,
  audit deny /srv/tenant-39/{secret,private}/** rwlkmx,
  /var/lib/app40/** wl,
  audit deny /srv/tenant-40/{secret,private}/** rwlkmx,
  /var/lib/app41/** wl,
  audit deny /srv/tenant-41/{secret,private}/** rwlkmx,
  /var/lib/app42/** wl,
  audit deny /srv/tenant-42/{secret,private}/** rwlkmx,
  /var/lib/app43/** wl,
  audit deny /srv/tenant-43/{secret,private}/** rwlkmx,
  /var/lib/app44/** wl,
  audit deny /srv/tenant-44/{secret,private}/** rwlkmx,
  /var/lib/app45/** wl,
  audit deny /srv/tenant-45/{secret,private}/** rwlkmx,
  /var/lib/app46/** wl,
  audit deny /srv/tenant-46/{secret,private}/** rwlkmx,
  /var/lib/app47/** wl,
  audit deny /srv/tenant-47/{secret,private}/** rwlkmx,
  /var/lib/app48/** wl,
  audit deny /srv/tenant-48/{secret,private}/** rwlkmx,
  /var/lib/app49/** wl,
  audit deny /srv/tenant-49/{secret,private}/** rwlkmx,
  /var/lib/app50/** wl,
  audit deny /srv/tenant-50/{secret,private}/** rwlkmx,
  /var/lib/app51/** wl,
  audit deny /srv/tenant-51/{secret,private}/** rwlkmx,
  /var/lib/app52/** wl,
  audit deny /srv/tenant-52/{secret,private}/** rwlkmx,
  /var/lib/app53/** wl,
  audit deny /srv/tenant-53/{secret,private}/** rwlkmx,
  /var/lib/app54/** wl,
  audit deny /srv/tenant-54/{secret,private}/** rwlkmx,
  /var/lib/app55/** wl,
  audit deny /srv/tenant-55/{secret,private}/** rwlkmx,
  /var/lib/app56/** wl,
  audit deny /srv/tenant-56/{secret,private}/** rwlkmx,
  /var/lib/app57/** wl,
  audit deny /srv/tenant-57/{secret,private}/** rwlkmx,
  /var/lib/app58/** wl,
  audit deny /srv/tenant-58/{secret,private}/** rwlkmx,
  /var/lib/app59/** wl,
  audit deny /srv/tenant-59/{secret,private}/** rwlkmx,

  # privileges.proc_mount (policy.hcl:11): what runtimes mask below /proc stays closed when the mask is gone.
  audit deny /proc/sys/** wlk,  # settings of the kernel: core_pattern, modprobe, binfmt_misc
  audit deny /proc/sysrq-trigger rwlkmx,  # restarts and crashes the node
  audit deny /proc/{kcore,kmem,vmcore,kmsg} rwlkmx,  # memory and messages of the kernel
  audit deny /proc/{keys,key-users,timer_list,timer_stats,sched_debug,latency_stats,interrupts} rwlkmx,  # what other processes of the node do
  audit deny /proc/{kpagecount,kpageflags,kpagecgroup} rwlkmx,  # pages of the node's memory
  audit deny /proc/{acpi,asound,scsi}/** rwlkmx,  # devices of the node
  audit deny /proc/{bus,fs,irq}/** wlk,  # devices of the node
  audit deny /proc/[0-9]*/{,task/[0-9]*/}mem wlk,  # memory of processes, past its protection

  # privileges.privileged (policy.hcl:10), host.paths (policy.hcl:15): /sys is read-only but for privileged containers.
  audit deny /sys/** wlkx,  # devices and settings of the node: uevent_helper, release_agent
  audit deny /sys/firmware/** rwlkmx,  # tables of the firmware
  audit deny /sys/devices/virtual/powercap/** rwlkmx,  # power meters, which leak secrets (CVE-2020-8694)
  audit deny /sys/kernel/{debug,tracing,security}/** rwlkmx,  # insides of the kernel
  audit deny /sys/fs/bpf/** rwlkmx,  # programs and maps of the kernel

  # host.paths (policy.hcl:15): sockets of the node, wherever they are mounted: whoever connects owns the node, even through a read-only mount.
  audit deny /{,**/}docker.sock rwlkmx,  # Docker
  audit deny /{,**/}containerd.sock rwlkmx,  # containerd
  audit deny /{,**/}containerd.sock.ttrpc rwlkmx,  # containerd (ttrpc)
  audit deny /{,**/}crio.sock rwlkmx,  # CRI-O
  audit deny /{,**/}podman.sock rwlkmx,  # Podman
  audit deny /{,**/}cri-dockerd.sock rwlkmx,  # cri-dockerd
  audit deny /{,**/}dockershim.sock rwlkmx,  # dockershim
  audit deny /{,**/}buildkitd.sock rwlkmx,  # BuildKit
  audit deny /{,**/}nri.sock rwlkmx,  # node resource interface
  audit deny /{,**/}kubelet.sock rwlkmx,  # kubelet
  audit deny /{,**/}lxd/unix.socket rwlkmx,  # LXD
  audit deny /{,**/}dbus/system_bus_socket rwlkmx,  # the system bus
  audit deny /{,**/}systemd/private rwlkmx,  # systemd

  # host.paths (policy.hcl:15): the node's /proc and /sys under another mount.
  audit deny /**/proc/sys/** wlk,  # settings of the kernel, under another mount
  audit deny /**/proc/{sysrq-trigger,kcore,kmem,vmcore,kmsg} rwlkmx,  # the node itself, under another mount
  audit deny /**/proc/[0-9]*/{,task/[0-9]*/}{mem,root/**,environ} rwlkmx,  # processes of the node, under another mount
  audit deny /**/sys/kernel/core_pattern wlk,  # what the kernel runs as root when a process crashes, under any mount
  audit deny /**/sys/kernel/{uevent_helper,debug/**,tracing/**,security/**} rwlkmx,  # insides of the kernel, under another mount
  audit deny /**/sys/fs/bpf/** rwlkmx,  # programs and maps of the kernel, under another mount
  audit deny /**/sys/{power,class,bus,devices,module}/** wlk,  # devices of the node, under another mount
  audit deny /**/{release_agent,devices.allow,devices.deny} wlk,  # what the kernel runs as root, and which devices it gives, under any mount of a cgroup

  # capabilities.drop (policy.hcl:12), capabilities.add (policy.hcl:13): these may be used, and no others.
  capability net_bind_service,

  # network.families (policy.hcl:20): sockets of these families may be opened, and no others.
  network inet,
  network inet6,
  network unix,

  # capabilities.add (policy.hcl:13): mounting takes SYS_ADMIN, which is not granted; a user namespace must not give it.
  audit deny mount,
  audit deny umount,
  audit deny pivot_root,

  # host.pid (policy.hcl:14): processes trace and signal their own kind; runtimes and the node's administrators may look and stop.
  ptrace (trace, read, tracedby, readby) peer=bulkhead.payments.large,
  ptrace (tracedby, readby) peer={unconfined,{,/usr/{,local/}{,s}bin/}{runc,crun*,containerd,containerd-shim*,dockerd,crio,conmon,podman}},
  signal (send, receive) peer=bulkhead.payments.large,
  signal (receive) peer={unconfined,{,/usr/{,local/}{,s}bin/}{runc,crun*,containerd,containerd-shim*,dockerd,crio,conmon,podman}},
}
